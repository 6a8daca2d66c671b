package dev.stocktake.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is shipped is the product, and none of what it is tested with. */
class ShippedFilesTest {
    private static final Path TARGET = Path.of("target");

    /** A class of each embedded server, and of the tests' own libraries. */
    private static final List<String> NOT_SHIPPED = List.of(
            "org/gaul/s3proxy/S3Proxy.class",
            "io/zonky/test/db/postgres/embedded/EmbeddedPostgres.class",
            "org/eclipse/jetty/server/Server.class",
            "org/junit/jupiter/api/Test.class",
            "dev/stocktake/embedded/EmbeddedStore.class",
            "dev/stocktake/demo/Demo.class");

    @Test
    void neitherTheJarNorLibHoldsAnEmbeddedServer() throws IOException {
        for (Path jar : shippedJars()) {
            try (JarFile content = new JarFile(jar.toFile())) {
                for (String entry : NOT_SHIPPED) {
                    assertThat(content.getEntry(entry))
                            .as("%s in %s", entry, jar)
                            .isNull();
                }
                assertThat(content.stream().map(Object::toString))
                        .as(jar.toString())
                        .noneMatch(name -> name.endsWith(".txz") || name.startsWith("postgres-"));
            }
        }
    }

    @Test
    void libHoldsJustWhatTheManifestOfTheJarNames() throws IOException {
        try (JarFile jar = new JarFile(TARGET.resolve("stocktake.jar").toFile());
                Stream<Path> lib = Files.list(TARGET.resolve("lib"))) {
            String classPath = jar.getManifest().getMainAttributes().getValue("Class-Path");
            assertThat(lib.map(file -> "lib/" + file.getFileName()))
                    .containsExactlyInAnyOrder(classPath.split(" ", -1));
        }
    }

    @Test
    void theJarHoldsNoRoute() throws IOException {
        try (JarFile jar = new JarFile(TARGET.resolve("stocktake.jar").toFile())) {
            assertThat(jar.stream().map(Object::toString)).noneMatch(name -> name.endsWith(".yaml"));
        }
    }

    private static List<Path> shippedJars() throws IOException {
        try (Stream<Path> lib = Files.list(TARGET.resolve("lib"))) {
            return Stream.concat(lib, Stream.of(TARGET.resolve("stocktake.jar")))
                    .toList();
        }
    }
}
