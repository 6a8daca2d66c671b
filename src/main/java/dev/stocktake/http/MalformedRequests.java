package dev.stocktake.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/**
 * Refuses two kinds of malformed requests as all others are: Vert.x answers one of another version than HTTP/1 in that version,
 * and one whose body cannot be read on not at all.
 */
final class MalformedRequests extends ChannelDuplexHandler {
    private int unanswered;

    private MalformedRequests() {}

    /** On a connection that was just opened. */
    static void refuse(ChannelPipeline pipeline) {
        pipeline.addBefore(pipeline.lastContext().name(), null, new MalformedRequests());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            unanswered++;
            if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                    && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
                request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("not HTTP/1")));
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
            }
        } else if (message instanceof HttpContent content
                && content.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            refuseBody(context);
            return;
        }
        context.fireChannelRead(message);
    }

    private void refuseBody(ChannelHandlerContext context) {
        // an answer to what was asked before, or to this very request, must not be cut in two
        if (unanswered != 1) {
            var unused = context.close();
            return;
        }
        DefaultFullHttpResponse answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.BAD_REQUEST,
                Unpooled.copiedBuffer(
                        Problem.content(400, "Bad Request", "The body of the request cannot be read to its end."),
                        StandardCharsets.UTF_8));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                .set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        var unused = context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise written) {
        if (message instanceof HttpResponse answer && answer.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            unanswered--;
        }
        var unused = context.write(message, written);
    }
}
