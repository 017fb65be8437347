using System.IO.Compression;
using System.Text;

namespace Bioscope.Engine.Import;

/// <summary>
/// Detects truncated compressed data, which <see cref="GZipStream"/> accepts silently. A second gzip member with an unguessable line is
/// appended; it decompresses to that line only if everything before it was complete.
/// </summary>
internal sealed class GzipEnd
{
    private readonly byte[] _line;
    private readonly byte[] _member;

    private GzipEnd(byte[] line, byte[] member) => (_line, _member) = (line, member);

    public static GzipEnd Create()
    {
        var line = Encoding.ASCII.GetBytes($"end {Guid.NewGuid():N}");
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.NoCompression))
        {
            gzip.Write([(byte)'\n', .. line, (byte)'\n']);
        }

        return new GzipEnd(line, member.ToArray());
    }

    /// <summary>The compressed data, followed by the end marker.</summary>
    public Stream After(Stream compressed) => new Concatenation(compressed, new MemoryStream(_member));

    public bool Is(ReadOnlyMemory<byte>? line) => line is { } given && given.Span.SequenceEqual(_line);

    /// <summary>Two streams read one after the other, once.</summary>
    private sealed class Concatenation(Stream first, Stream second) : Stream
    {
        private bool _firstEnded;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_firstEnded)
            {
                var read = await first.ReadAsync(buffer, cancellationToken);
                if (read > 0)
                {
                    return read;
                }

                _firstEnded = true;
            }

            return await second.ReadAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
