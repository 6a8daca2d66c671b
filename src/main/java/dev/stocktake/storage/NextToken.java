package dev.stocktake.storage;

import dev.stocktake.compare.PageException;
import dev.stocktake.compare.RepeatedPageException;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/** Where a listing goes on, as one of its pages says. */
final class NextToken {
    /** Stands for one that XML cannot hold; to ask with another one would leave out keys. */
    static final String UNREADABLE = "stocktake-cannot-read-it";

    private NextToken() {}

    static boolean isUnreadable(String token) {
        return UNREADABLE.equals(token);
    }

    /**
     * The token, before anything is asked with it.
     *
     * @param after the last key before the page that it leads to, for people
     * @throws PageException when it could not be read
     */
    static String usable(String token, String after) {
        if (isUnreadable(token)) {
            throw unreadable(after);
        }
        return token;
    }

    /** @param after the last key before the page that the token leads to, for people */
    static PageException unreadable(String after) {
        return new PageException("The store's token for the listing behind \"" + after
                + "\" holds a control character as it is, which is no XML");
    }

    /**
     * Null where the listing has ended.
     *
     * @param isEmpty whether the page has no object; it may have been read apart from the rest
     * @param asked the token that the page was asked with; null for none
     * @param after the last key before the page, for people
     * @throws RepeatedPageException when the page is empty and leads to itself
     * @throws PageException when it says that there is more, and not where
     */
    static String of(ListObjectsV2Response page, boolean isEmpty, String asked, String after) {
        if (!Boolean.TRUE.equals(page.isTruncated())) {
            return null;
        }
        String token = page.nextContinuationToken();
        if (token == null || token.isEmpty()) {
            throw new PageException(
                    "The store says that the listing goes on after \"" + after + "\" and gives no token to go on with");
        }
        if (isEmpty && token.equals(asked)) {
            throw new RepeatedPageException(after);
        }
        return token;
    }

    /**
     * The same, for a listing that goes on by nothing else.
     *
     * @throws PageException also when the page leads to itself
     */
    static String advancing(ListObjectsV2Response page, boolean isEmpty, String asked, String after) {
        String token = of(page, isEmpty, asked, after);
        if (token != null && token.equals(asked)) {
            throw new PageException(
                    "The store gives the same token for the next page of the listing again, after \"" + after + "\"");
        }
        return token;
    }
}
