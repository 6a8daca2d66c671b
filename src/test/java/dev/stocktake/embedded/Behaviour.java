package dev.stocktake.embedded;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
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

    /** Answers one request after the other, and takes so long for each, whether anybody still waits for it or not. */
    static Behaviour oneAtATime(Duration each) {
        Behaviour slow = slow(each);
        Semaphore turn = new Semaphore(1, true);
        return (request, store) -> {
            turn.acquireUninterruptibly();
            try {
                return slow.answer(request, store);
            } finally {
                turn.release();
            }
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

    /** Takes no notice of the key that a listing is to begin behind. */
    static Behaviour ignoringStartAfter() {
        return (request, store) -> store.apply(request.withStartAfter(""));
    }

    /** Begins at the key that the listing is to begin behind. */
    static Behaviour startingAtStartAfter() {
        return (request, store) ->
                request.startAfter().isEmpty() || !request.continuationToken().isEmpty()
                        ? store.apply(request)
                        : store.apply(request.withToken(Position.from(request.startAfter())));
    }

    /** Lists in another order, from the start to the end; common prefixes too, as far as one page of them goes. */
    static Behaviour inOrder(Comparator<String> order) {
        return (request, store) -> {
            if (!request.delimiter().isEmpty()) {
                Answer.Page page = (Answer.Page) store.apply(request);
                return page.withCommonPrefixes(
                        page.commonPrefixes().stream().sorted(order).toList());
            }
            Position start = request.start();
            List<ObjectEntry> all = new ArrayList<>();
            ListRequest next = request.withToken(Position.START).withMaxKeys(Integer.MAX_VALUE);
            all.addAll(((Answer.Page) store.apply(next)).entries());
            List<ObjectEntry> behind = all.stream()
                    .filter(entry -> start.equals(Position.START) || order.compare(entry.key(), start.key()) > 0)
                    .sorted(Comparator.comparing(ObjectEntry::key, order))
                    .toList();
            List<ObjectEntry> page = behind.subList(0, Math.min(request.maxKeys(), behind.size()));
            boolean truncated = page.size() < behind.size();
            return new Answer.Page(
                    page,
                    List.of(),
                    truncated,
                    truncated ? Position.after(page.get(page.size() - 1).key()).token() : "");
        };
    }

    /** Gives each page in an order of its own, the same each time. */
    static Behaviour shuffledPages() {
        return pages(page -> {
            List<ObjectEntry> entries = new ArrayList<>(page.entries());
            List<String> commonPrefixes = new ArrayList<>(page.commonPrefixes());
            Collections.shuffle(entries, new Random(entries.size()));
            Collections.shuffle(commonPrefixes, new Random(commonPrefixes.size()));
            return page.withEntries(entries).withCommonPrefixes(commonPrefixes);
        });
    }

    /** Leaves out the objects that a listing shows next behind the key that it is to begin behind. */
    static Behaviour skippingBehindStartAfter() {
        return (request, store) -> {
            Answer answer = store.apply(request);
            return answer instanceof Answer.Page page
                            && !request.startAfter().isEmpty()
                            && page.entries().size() > 1
                    ? page.withEntries(page.entries().subList(1, page.entries().size()))
                    : answer;
        };
    }

    /** Gives the first object again, and a new token, wherever a token leads. */
    static Behaviour repeatingTheFirstByToken() {
        return (request, store) -> {
            if (request.continuationToken().isEmpty()) {
                return store.apply(request);
            }
            Answer.Page first =
                    (Answer.Page) store.apply(request.withToken(Position.START).withMaxKeys(1));
            return new Answer.Page(first.entries(), first.commonPrefixes(), true, request.continuationToken() + ".");
        };
    }

    /** Gives the token that it was asked with again. */
    static Behaviour repeatingTheToken() {
        return (request, store) -> {
            Answer answer = store.apply(request);
            return answer instanceof Answer.Page page
                            && page.truncated()
                            && !request.continuationToken().isEmpty()
                    ? new Answer.Page(page.entries(), page.commonPrefixes(), true, request.continuationToken())
                    : answer;
        };
    }

    /** Puts the prefix and the key that a listing is to begin behind into the answer without encoding them. */
    static Behaviour echoingRaw() {
        return (request, store) -> new Answer.RawEcho(store.apply(request));
    }

    /** The same, with a control character in each token as it is, so that the answer is no XML. */
    static Behaviour echoingAndTokensRaw() {
        return echoingRaw()
                .over(pages(page -> new Answer.Page(
                        page.entries(),
                        page.commonPrefixes(),
                        page.truncated(),
                        page.nextToken().isEmpty() ? "" : page.nextToken() + "\u0007")));
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
