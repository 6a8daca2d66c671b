package dev.stocktake.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;

/**
 * Stands between one process and an S3 server, and acts between any two requests as a test tells it: it holds requests and
 * answers back, lets something happen at the worst moment, refuses, and lies about the time. What it is told holds for one
 * process; each may have one of its own. That a store forgets conditions is for {@link EmbeddedStore#forget}: requests are
 * signed with their conditions.
 */
public final class HostileStore extends LoopbackProxy {
    private static final long PATIENCE_SECONDS = 20;
    /** Sooner than the server closes a connection that it hears nothing of. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final List<Act> befores = new CopyOnWriteArrayList<>();
    private final List<Act> afters = new CopyOnWriteArrayList<>();
    private final List<Held> holds = new CopyOnWriteArrayList<>();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    private final List<Change> changes = new CopyOnWriteArrayList<>();
    private volatile Duration ahead = Duration.ZERO;

    private record Refusal(Predicate<StoreRequest> which, int status, String code) {}

    private record Change(Predicate<StoreRequest> which, UnaryOperator<HttpMessage> how) {}

    private record Act(Predicate<StoreRequest> which, Runnable what, AtomicBoolean done) {
        void runFor(StoreRequest request) {
            if (!done.get() && which.test(request) && done.compareAndSet(false, true)) {
                what.run();
            }
        }
    }

    private HostileStore(int target) {
        super(target);
    }

    /** Before the server that listens on this port of 127.0.0.1. */
    public static HostileStore before(int target) {
        HostileStore store = new HostileStore(target);
        store.open();
        return store;
    }

    /**
     * Lets an HTTP client come here as to its proxy, whatever the address of its store: so that several processes have the same
     * store by their settings.
     */
    public ProxyConfiguration way() {
        return ProxyConfiguration.builder()
                .endpoint(URI.create("http://127.0.0.1:" + port()))
                .useSystemPropertyValues(false)
                .useEnvironmentVariableValues(false)
                .build();
    }

    /**
     * Holds these requests back from the store from now on, whether or not somebody still waits for the answer: as a packet
     * that is late, the store gets them when they are released.
     */
    public Held hold(Predicate<StoreRequest> which) {
        return held(which, true);
    }

    /** Lets the store do these requests, and holds back what it answers. */
    public Held holdAnswer(Predicate<StoreRequest> which) {
        return held(which, false);
    }

    private Held held(Predicate<StoreRequest> which, boolean request) {
        Held held = new Held(which, request);
        holds.add(held);
        return held;
    }

    /**
     * Does something before the store gets the next such request. A request during which the connections are cut was never
     * sent.
     */
    public void before(Predicate<StoreRequest> which, Runnable what) {
        befores.add(new Act(which, what, new AtomicBoolean()));
    }

    /** Does something when the store has done the next such request, and nobody knows yet. */
    public void after(Predicate<StoreRequest> which, Runnable what) {
        afters.add(new Act(which, what, new AtomicBoolean()));
    }

    /** Refuses these requests from now on, which the store never hears of. */
    public void refuse(Predicate<StoreRequest> which, int status, String code) {
        refusals.add(new Refusal(which, status, code));
    }

    /** Leaves a header out of these answers from now on, as what compresses on the way does. */
    public void leaveOutHeader(Predicate<StoreRequest> which, String name) {
        changes.add(new Change(which, answer -> answer.withoutHeader(name)));
    }

    /** Leaves an element, wherever it is, out of these answers from now on. */
    public void leaveOutElement(Predicate<StoreRequest> which, String name) {
        changes.add(new Change(
                which,
                answer -> answer.with(new String(answer.body(), ISO_8859_1)
                        .replaceAll("<" + name + ">[^<]*</" + name + ">", "")
                        .getBytes(ISO_8859_1))));
    }

    /** Says that it does not know a copy that must not replace anything, as OpenStack Swift does. */
    public void refuseCopiesThatMayNotReplace() {
        refuse(request -> request.isCopy() && !request.header("if-none-match").isEmpty(), 501, "NotImplemented");
    }

    /** Lets each answer say that it is so much later than it is. */
    public void pretendToBeAhead(Duration skew) {
        ahead = skew;
    }

    /** Is an honest store from now on; lets go of what it holds. */
    public void calm() {
        befores.clear();
        afters.clear();
        refusals.clear();
        changes.clear();
        ahead = Duration.ZERO;
        holds.forEach(Held::release);
    }

    @Override
    void serve(Socket client) throws IOException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        try (Upstream upstream = new Upstream()) {
            while (true) {
                HttpMessage message = HttpMessage.from(in, false).toServer();
                HttpMessage answer = answer(message, StoreRequest.of(message), upstream, client);
                client.getOutputStream().write(answer.bytes());
                if (answer.header("connection").equalsIgnoreCase("close")) {
                    return;
                }
            }
        }
    }

    private HttpMessage answer(HttpMessage message, StoreRequest request, Upstream upstream, Socket client)
            throws IOException {
        for (Refusal refusal : refusals) {
            if (refusal.which.test(request)) {
                return HttpMessage.answer(message, refusal.status, HttpMessage.errorDocument(refusal.code));
            }
        }
        befores.forEach(act -> act.runFor(request));
        List<Held> held = holds.stream().filter(hold -> hold.takes(request)).toList();
        boolean wasHeld = hold(held, true);
        HttpMessage answer;
        long passage = toServer();
        try {
            if (client.isClosed() && !wasHeld) {
                throw new IOException("The process that sent it ended before it left");
            }
            answer = upstream.exchange(message);
        } finally {
            answered(passage);
        }
        afters.forEach(act -> act.runFor(request));
        int status = answer.status();
        held.forEach(hold -> hold.answers.add(status));
        hold(held, false);
        for (Change change : changes) {
            answer = change.which.test(request) ? change.how.apply(answer) : answer;
        }
        Duration skew = ahead;
        return skew.isZero() ? answer : answer.withHeader("Date", httpDate(skew));
    }

    private static boolean hold(List<Held> held, boolean request) throws IOException {
        boolean any = false;
        for (Held hold : held) {
            if (hold.request == request) {
                hold.block();
                any = true;
            }
        }
        return any;
    }

    private static String httpDate(Duration ahead) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plus(ahead));
    }

    /** Requests or answers that are held back. */
    public final class Held {
        private final Predicate<StoreRequest> which;
        private final boolean request;
        private final CountDownLatch released = new CountDownLatch(1);
        private final List<StoreRequest> taken = new CopyOnWriteArrayList<>();
        private final List<Integer> answers = new CopyOnWriteArrayList<>();

        private Held(Predicate<StoreRequest> which, boolean request) {
            this.which = which;
            this.request = request;
        }

        private boolean takes(StoreRequest sent) {
            boolean takes = released.getCount() > 0 && which.test(sent);
            if (takes && request) {
                taken.add(sent);
            }
            return takes;
        }

        private void block() throws IOException {
            try {
                released.await();
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
                throw new IOException(closed);
            }
        }

        /** What is or was held, in order. */
        public List<StoreRequest> requests() {
            return List.copyOf(taken);
        }

        /** What the store answered to it, each status once the store has done it. */
        public List<Integer> answers() {
            return List.copyOf(answers);
        }

        /** Waits until the store has answered so many of them. */
        public void awaitAnswers(int number) {
            within("an answer of the store").until(() -> answers.size() >= number);
        }

        /** Waits until there is one. */
        public void await() {
            within("such a request").until(this::isHolding);
        }

        private ConditionFactory within(String what) {
            return Awaitility.await(what)
                    .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2));
        }

        /** Whether there was one. */
        public boolean isHolding() {
            return request ? !taken.isEmpty() : !answers.isEmpty();
        }

        /** Lets them go on; what comes from now on is not held. */
        public void release() {
            holds.remove(this);
            released.countDown();
        }
    }

    /** A connection to the store, made anew where it may have been given up. */
    private final class Upstream implements Closeable {
        private Socket server;
        private InputStream fromServer;
        private long lastUse;

        HttpMessage exchange(HttpMessage request) throws IOException {
            if (server == null || System.nanoTime() - lastUse > IDLE_NANOS) {
                close();
                server = connectToServer();
                fromServer = new BufferedInputStream(server.getInputStream());
            }
            server.getOutputStream().write(request.bytes());
            HttpMessage answer = HttpMessage.answerFrom(fromServer, request);
            lastUse = System.nanoTime();
            if (answer.header("connection").equalsIgnoreCase("close")) {
                close();
            }
            return answer;
        }

        @Override
        public void close() throws IOException {
            if (server != null) {
                server.close();
                server = null;
            }
        }
    }
}
