using System.IO.Compression;
using Bioscope.Engine.Import;
using Xunit;

namespace Bioscope.Engine.Tests.Import;

/// <summary>Streams of files that are imported: several as one, and gzip whose end must be there.</summary>
public sealed class StreamTests
{
    public static TheoryData<int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int>();
            foreach (var content in (int[])[0, 1, 15, 16, 17, 1_000, 65_535, 65_536, 65_537, 200_000])
            {
                foreach (var buffer in (int[])[7, 16, 65_536, 300_000])
                {
                    sizes.Add(content, buffer);
                }
            }

            return sizes;
        }
    }

    // The last 16 bytes are held back until it is clear that they are content.
    [Theory, MemberData(nameof(Sizes))]
    public async Task Compressed_content_comes_back_whole(int size, int buffer)
    {
        var content = Bytes(size);

        Assert.Equal(content, await ReadAsync(new WholeGzipStream(new MemoryStream(Gzip(content))), buffer));
        Assert.Equal(content, Read(new WholeGzipStream(new MemoryStream(Gzip(content))), buffer));
        Assert.Equal(content, Read(new WholeGzipStream(new SlowStream(Gzip(content))), buffer));
    }

    [Fact]
    public async Task Compressed_content_that_is_cut_off_anywhere_is_an_error()
    {
        var whole = Gzip(Bytes(300));
        for (var length = 1; length < whole.Length; length++)
        {
            var part = whole[..length];
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new WholeGzipStream(new MemoryStream(part)), 100));
            Assert.Throws<InvalidDataException>(() => Read(new WholeGzipStream(new MemoryStream(part)), 100));
        }
    }

    [Fact]
    public void What_comes_before_damage_is_read_and_then_the_error_each_time()
    {
        var content = Bytes(500_000);
        var damaged = Gzip(content);
        damaged[damaged.Length - 3] ^= 1; // in the length at the end
        using var stream = new WholeGzipStream(new MemoryStream(damaged));
        var (read, buffer) = (new List<byte>(), new byte[10_000]);
        Action readAll = () =>
        {
            while (true)
            {
                read.AddRange(buffer.AsSpan(0, stream.Read(buffer)));
            }
        };
        var failure = Assert.Throws<InvalidDataException>(readAll);

        Assert.Equal(content[..read.Count], read.ToArray());
        Assert.InRange(read.Count, 400_000, content.Length);
        Assert.Same(failure, Assert.Throws<InvalidDataException>(() => stream.Read(buffer)));
    }

    [Fact]
    public void Several_members_are_one_content_and_what_is_no_member_is_an_error()
    {
        var (one, other) = (Bytes(40), Bytes(70_000));

        Assert.Equal([.. one, .. other], Read(new WholeGzipStream(new MemoryStream([.. Gzip(one), .. Gzip(other)])), 1_000));
        Assert.Throws<InvalidDataException>(() => Read(new WholeGzipStream(new MemoryStream([.. Gzip(one), 1, 2, 3, 4])), 1_000));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(5, 7)]
    public async Task Two_streams_are_read_one_after_the_other(int first, int second)
    {
        var all = Bytes(first + second);

        Assert.Equal(all, Read(new ConcatenatedStream(new MemoryStream(all[..first]), new SlowStream(all[first..])), 3));
        Assert.Equal(all, await ReadAsync(new ConcatenatedStream(new SlowStream(all[..first]), new MemoryStream(all[first..])), 3));
    }

    [Fact]
    public async Task A_read_of_nothing_does_not_end_the_first_stream()
    {
        using var stream = new ConcatenatedStream(new MemoryStream([1, 2]), new MemoryStream([3]));
        var buffer = new byte[4];

        Assert.Equal(0, stream.Read(buffer.AsSpan(0, 0)));
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.Equal(2, stream.Read(buffer, 1, 3));
        Assert.Equal([0, 1, 2, 0], buffer);
        Assert.Equal(1, stream.Read(buffer));
    }

    [Fact]
    public void Both_streams_are_closed_with_it()
    {
        var (first, second) = (new MemoryStream(), new MemoryStream());
        new ConcatenatedStream(first, second).Dispose();

        Assert.False(first.CanRead || second.CanRead);
    }

    [Fact]
    public void A_stream_that_is_read_once_can_do_nothing_else()
    {
        using var stream = new ConcatenatedStream(new MemoryStream(), new MemoryStream());
        Action[] others =
        [
            () => _ = stream.Length, () => _ = stream.Position, () => stream.Position = 0, () => stream.Seek(0, SeekOrigin.Begin),
            () => stream.SetLength(0), () => stream.Write([1], 0, 1), stream.Flush,
        ];

        Assert.Equal((true, false, false), (stream.CanRead, stream.CanSeek, stream.CanWrite));
        Assert.All(others, other => Assert.Throws<NotSupportedException>(other));
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    private static byte[] Read(Stream stream, int buffer)
    {
        using (stream)
        {
            var (read, some) = (new List<byte>(), new byte[buffer]);
            while (stream.Read(some) is > 0 and var length)
            {
                read.AddRange(some.AsSpan(0, length));
            }

            Assert.Equal(0, stream.Read(some)); // the end stays the end
            return [.. read];
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int buffer)
    {
        await using (stream)
        {
            var (read, some) = (new List<byte>(), new byte[buffer]);
            while (await stream.ReadAsync(some) is > 0 and var length)
            {
                read.AddRange(some.AsSpan(0, length));
            }

            return [.. read];
        }
    }

    // Gives five bytes at a time at most, as a network may.
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 5)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 5));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 5)], cancellationToken);
    }
}
