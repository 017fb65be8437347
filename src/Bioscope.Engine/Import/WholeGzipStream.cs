using System.IO.Compression;

namespace Bioscope.Engine.Import;

/// <summary>
/// Decompresses gzip and notices when it is truncated, which <see cref="GZipStream"/> accepts silently. A second gzip member with
/// unguessable bytes is appended; it decompresses to them only if everything before it was complete.
/// </summary>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private readonly byte[] _mark = Guid.NewGuid().ToByteArray();
    private readonly GZipStream _gzip;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start, _end;
    private bool _ended;
    private InvalidDataException? _damage;

    public WholeGzipStream(Stream compressed)
    {
        var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(_mark);
        }

        member.Position = 0;
        _gzip = new GZipStream(new ConcatenatedStream(compressed, member), CompressionMode.Decompress);
    }

    // The last bytes may be the mark, so they are held back until it is clear that they are not.
    private int Available => _end - _start - (_damage is null ? _mark.Length : 0);

    /// <exception cref="InvalidDataException">The compressed data is damaged or ends too early.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (Available <= 0 && !_ended)
        {
            MakeRoom();
            try
            {
                Take(await _gzip.ReadAsync(_buffer.AsMemory(_end), cancellationToken));
            }
            catch (InvalidDataException e)
            {
                (_damage, _ended) = (e, true);
            }
        }

        return Give(buffer.Span);
    }

    /// <exception cref="InvalidDataException">The compressed data is damaged or ends too early.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (Available <= 0 && !_ended)
        {
            MakeRoom();
            try
            {
                Take(_gzip.Read(_buffer.AsSpan(_end)));
            }
            catch (InvalidDataException e)
            {
                (_damage, _ended) = (e, true);
            }
        }

        return Give(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
    }

    private void Take(int read)
    {
        _end += read;
        _ended = read == 0;
        if (_ended && !_buffer.AsSpan(_start, _end - _start).SequenceEqual(_mark))
        {
            throw new InvalidDataException("the compressed data is truncated");
        }
    }

    private int Give(Span<byte> buffer)
    {
        if (_damage is not null && Available <= 0)
        {
            throw _damage; // after everything before it was read
        }

        var count = Math.Min(Math.Max(Available, 0), buffer.Length);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }
}
