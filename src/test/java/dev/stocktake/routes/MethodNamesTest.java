package dev.stocktake.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.Application;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Routes call methods by name. Where a class has {@code isMoved} and {@code moved}, Camel takes them for two of one name if the
 * JVM tells it of the getter first, and refuses either: the JVM tells them in no order that one could rely on.
 */
class MethodNamesTest {
    @Test
    void noMethodIsCalledAsAGetterOfItsClassIsWithoutItsPrefix() throws Exception {
        List<Class<?>> classes = classes();

        assertThat(classes).hasSizeGreaterThan(100);
        assertThat(classes.stream().flatMap(MethodNamesTest::mistakable)).isEmpty();
    }

    private static Stream<String> mistakable(Class<?> type) {
        List<Method> methods = Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .toList();
        Set<String> names = methods.stream().map(Method::getName).collect(Collectors.toSet());
        return methods.stream()
                .filter(method -> method.getParameterCount() == 0)
                .map(Method::getName)
                .filter(name -> name.matches("(get|is)\\p{Upper}.*") && names.contains(withoutPrefix(name)))
                .map(name -> type.getName() + "." + name + " and " + withoutPrefix(name));
    }

    private static String withoutPrefix(String getter) {
        String name = getter.replaceFirst("^(get|is)", "");
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    private static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(Application.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(root)) {
            List<String> names = files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".class"))
                    .map(file -> file.replaceFirst("\\.class$", "").replace('/', '.'))
                    .toList();
            List<Class<?>> classes = new ArrayList<>();
            for (String name : names) {
                classes.add(Class.forName(name, false, MethodNamesTest.class.getClassLoader()));
            }
            return classes;
        }
    }
}
