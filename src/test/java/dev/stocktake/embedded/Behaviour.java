package dev.stocktake.embedded;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * How {@link SyntheticStore} answers listings. It may change the request before it asks the store, or the answer after,
 * or block, or not ask at all. An example, with pages of at most 7 keys of which the third breaks off:
 *
 * <pre>{@code store.behave(Behaviour.cutOff().onRequest(3).over(Behaviour.pagesOf(7)));}</pre>
 */
@FunctionalInterface
public interface Behaviour {
    /**
     * The answer to a request.
     *
     * @param store gives the honest answer, to this request or another
     */
    Answer answer(ListRequest request, Function<ListRequest, Answer> store);

    /** This behaviour, with the answers of another one in place of the store's. */
    default Behaviour over(Behaviour inner) {
        return (request, store) -> answer(request, asked -> inner.answer(asked, store));
    }

    /** This behaviour for such requests only. */
    default Behaviour when(Predicate<ListRequest> condition) {
        return (request, store) -> condition.test(request) ? answer(request, store) : store.apply(request);
    }

    /** This behaviour for one request only. A repetition by the client is another request. */
    default Behaviour onRequest(int number) {
        return when(request -> request.number() == number);
    }

    /** This behaviour for the request with this number and all after it. */
    default Behaviour fromRequest(int number) {
        return when(request -> request.number() >= number);
    }

    /** As S3 does. */
    static Behaviour honest() {
        return (request, store) -> store.apply(request);
    }

    /** Answers that much later. */
    static Behaviour slow(Duration latency) {
        return (request, store) -> {
            try {
                TimeUnit.NANOSECONDS.sleep(latency.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Closed while it waited", e);
            }
            return store.apply(request);
        };
    }

    /** Gives fewer keys than asked for; nothing is left out. */
    static Behaviour pagesOf(int keys) {
        return (request, store) -> store.apply(request.withMaxKeys(Math.min(keys, request.maxKeys())));
    }

    /** Gives no keys, says that there are more, and a new token which goes on from the same key. */
    static Behaviour emptyPage() {
        return (request, store) -> {
            String here =
                    request.continuationToken().isEmpty() ? request.start().token() : request.continuationToken();
            return new Answer.Page(List.of(), List.of(), true, here + ".");
        };
    }

    /** Says that there is more, without a token. */
    static Behaviour truncatedWithoutToken() {
        return pages(page -> new Answer.Page(page.entries(), page.commonPrefixes(), true, ""));
    }

    /** Gives the first and the last object of the page in each other's place. */
    static Behaviour outOfOrder() {
        return pages(page -> {
            List<ObjectEntry> entries = new ArrayList<>(page.entries());
            if (!entries.isEmpty()) {
                Collections.swap(entries, 0, entries.size() - 1);
            }
            return page.withEntries(entries);
        });
    }

    /** Gives the last object of the page twice. */
    static Behaviour duplicateKey() {
        return pages(page -> {
            List<ObjectEntry> entries = new ArrayList<>(page.entries());
            if (!entries.isEmpty()) {
                entries.add(entries.get(entries.size() - 1));
            }
            return page.withEntries(entries);
        });
    }

    /** Answers with an HTTP status and an S3 error code, such as 503 and {@code SlowDown}. */
    static Behaviour failing(int status, String code) {
        return (request, store) -> new Answer.Failure(status, code, "As the test wants it");
    }

    /** Closes the connection in the middle of the body. */
    static Behaviour cutOff() {
        return (request, store) -> new Answer.Cut(store.apply(request));
    }

    /** Gives half of the document, as if it were all of it. */
    static Behaviour malformed() {
        return (request, store) -> new Answer.Malformed(store.apply(request));
    }

    /** Leaves out the {@code Date} header. */
    static Behaviour withoutDate() {
        return (request, store) -> new Answer.Undated(store.apply(request));
    }

    /** Sends this time in the {@code Date} header. */
    static Behaviour dated(Instant date) {
        return (request, store) -> new Answer.Dated(store.apply(request), date);
    }

    /** Changes pages; errors stay as they are. */
    static Behaviour pages(UnaryOperator<Answer.Page> change) {
        return (request, store) -> {
            Answer answer = store.apply(request);
            return answer instanceof Answer.Page page ? change.apply(page) : answer;
        };
    }
}
