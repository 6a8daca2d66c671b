package dev.stocktake.http;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/** Has a request of another version than HTTP/1 refused like any other that is malformed; Vert.x answers it in that version. */
@Sharable
final class OtherVersions extends ChannelInboundHandlerAdapter {
    private static final OtherVersions ALL = new OtherVersions();

    private OtherVersions() {}

    /** Of a connection that was just opened. */
    static void refuse(ChannelPipeline pipeline) {
        pipeline.addBefore(pipeline.lastContext().name(), null, ALL);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request
                && !request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("not HTTP/1")));
            request.setProtocolVersion(HttpVersion.HTTP_1_1);
        }
        context.fireChannelRead(message);
    }
}
