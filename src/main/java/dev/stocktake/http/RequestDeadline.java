package dev.stocktake.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose request does not come to its end in time, however steadily a little more of it comes, and one on
 * which nothing is asked any more. An answer takes as long as it takes, as long as the client reads it.
 *
 * <p>Vert.x has a limit for silence only.
 */
final class RequestDeadline extends ChannelDuplexHandler {
    private final Channel channel;
    private final ServerLimits limits;
    private boolean coming = true;
    private int unanswered;
    private Future<?> due;

    private RequestDeadline(Channel channel, ServerLimits limits) {
        this.channel = channel;
        this.limits = limits;
    }

    /** Watches over a connection that was just opened, on its own thread. */
    static void watch(Channel channel, ServerLimits limits) {
        RequestDeadline deadline = new RequestDeadline(channel, limits);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addFirst(deadline.new FirstBytes());
        pipeline.addFirst(new WriteTimeoutHandler(limits.idle().toMillis(), TimeUnit.MILLISECONDS));
        // where requests are read already, and answers not written yet
        pipeline.addBefore(pipeline.lastContext().name(), null, deadline);
        deadline.reschedule();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            unanswered++;
        }
        if (message instanceof LastHttpContent) {
            coming = false;
            reschedule();
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise written) {
        boolean goesOn =
                message instanceof HttpResponse answer && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (message instanceof LastHttpContent && !goesOn) {
            unanswered--;
            if (!coming) {
                reschedule();
            }
        }
        var unused = context.write(message, written);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cancel();
        context.fireChannelInactive();
    }

    private void reschedule() {
        cancel();
        if (coming) {
            closeAfter(limits.wholeRequest());
        } else if (unanswered <= 0) {
            closeAfter(limits.idle());
        }
    }

    private void cancel() {
        if (due != null) {
            due.cancel(false);
        }
    }

    private void closeAfter(Duration limit) {
        due = channel.eventLoop().schedule(this::timeOut, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void timeOut() {
        // while the server does not read, because it still answers what was asked before, no client is to blame
        if (coming && unanswered > 0 && !channel.config().isAutoRead()) {
            reschedule();
        } else {
            var unused = channel.close();
        }
    }

    /** Sees what comes before it is known what it is. */
    private final class FirstBytes extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            if (!coming) {
                coming = true;
                reschedule();
            }
            context.fireChannelRead(bytes);
        }
    }
}
