namespace Bioscope.Engine.Import;

/// <summary>Two streams read one after the other, once.</summary>
internal sealed class ConcatenatedStream(Stream first, Stream second) : ReadOnlyStream
{
    private bool _firstEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = _firstEnded ? 0 : await first.ReadAsync(buffer, cancellationToken);
        _firstEnded |= read == 0 && buffer.Length > 0;
        return read > 0 ? read : await second.ReadAsync(buffer, cancellationToken);
    }

    public override int Read(Span<byte> buffer)
    {
        var read = _firstEnded ? 0 : first.Read(buffer);
        _firstEnded |= read == 0 && buffer.Length > 0;
        return read > 0 ? read : second.Read(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Dispose();
            second.Dispose();
        }

        base.Dispose(disposing);
    }
}
