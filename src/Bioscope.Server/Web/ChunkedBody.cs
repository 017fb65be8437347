using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Bioscope.Server.Web;

/// <summary>
/// A request body in chunked encoding. For some malformed bodies (an overflowing chunk size, a trailer with U+0000) the web server throws
/// an internal error. Here they become a 400.
/// </summary>
internal sealed class ChunkedBody(PipeReader inner) : PipeReader, IRequestBodyPipeFeature
{
    public PipeReader Reader => this;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(cancellationToken);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw new MalformedBodyException();
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            return inner.TryRead(out result);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw new MalformedBodyException();
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private static bool IsMalformed(Exception failure) =>
        failure is InvalidOperationException or (IOException and not BadHttpRequestException and not ConnectionResetException);
}

/// <summary>The chunks of a body are malformed; it is unknown where the next request would begin.</summary>
internal sealed class MalformedBodyException() : BadHttpRequestException("The chunks of the body are malformed.");
