package dev.stocktake.database;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Rows in the order of a key, read a page at a time as they are asked for; no transaction stays open. */
public final class PageByPage<T> implements Iterator<T> {
    private final int size;
    private final Function<T, List<T>> pageAfter;
    private Iterator<T> page = List.<T>of().iterator();
    private T last;
    private boolean ended;

    /**
     * Before the first row.
     *
     * @param size of a page; a shorter one is the last
     * @param pageAfter gives the rows behind this one; null for the first page
     */
    public PageByPage(int size, Function<T, List<T>> pageAfter) {
        this.size = size;
        this.pageAfter = pageAfter;
    }

    @Override
    public boolean hasNext() {
        if (!page.hasNext() && !ended) {
            List<T> next = pageAfter.apply(last);
            ended = next.size() < size;
            page = next.iterator();
        }
        return page.hasNext();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        last = page.next();
        return last;
    }
}
