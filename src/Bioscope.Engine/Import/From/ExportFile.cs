using System.IO.Compression;
using System.Text;

namespace Bioscope.Engine.Import.From;

/// <summary>A file of another tool, plain, gzip or zip (by its first bytes): one part, or one for each file in the archive.</summary>
internal sealed class ExportFile : IDisposable
{
    // 10,000 days of sums have a few hundred members; more is an attack or another kind of archive.
    private const int MaxMembers = 1_000;

    private readonly IDisposable? _archive;

    private ExportFile(string name, IReadOnlyList<ExportPart> parts, IDisposable? archive) =>
        (Name, Parts, _archive) = (name, parts, archive);

    /// <summary>As the operator wrote it.</summary>
    public string Name { get; }

    public IReadOnlyList<ExportPart> Parts { get; }

    /// <param name="path">A file, or <c>-</c> for standard input, which cannot be a zip.</param>
    /// <exception cref="InvalidDataException">It is a damaged archive.</exception>
    public static ExportFile Open(string path)
    {
        var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        var start = new byte[4];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start is [(byte)'P', (byte)'K', 3, 4] or [(byte)'P', (byte)'K', 5, 6])
        {
            return stream.CanSeek ? OpenArchive(path, stream)
                : throw new InvalidDataException("a ZIP archive cannot be read from standard input; give the file's name");
        }

        var whole = new ConcatenatedStream(new MemoryStream(start, 0, length), stream);
        var content = start is [0x1F, 0x8B, ..]
            ? new BoundedStream(new WholeGzipStream(whole), () => stream.CanSeek ? stream.Position : long.MaxValue) : (Stream)whole;
        return new ExportFile(path, [new ExportPart(() => content)], content);
    }

    public void Dispose()
    {
        foreach (var part in Parts)
        {
            part.Dispose();
        }

        _archive?.Dispose();
    }

    private static ExportFile OpenArchive(string path, Stream stream)
    {
        stream.Position = 0;
        var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        if (archive.Entries.Count > MaxMembers)
        {
            throw new InvalidDataException($"the archive has more than {MaxMembers} files");
        }

        // In the order of their names, so that ids do not depend on the order in the archive.
        return new ExportFile(
            path,
            [
                .. archive.Entries.Where(entry => entry.Name.Length > 0 && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal))
                    .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
                    .Select(entry => new ExportPart(() => new BoundedStream(entry.Open(), () => entry.CompressedLength))),
            ],
            archive);
    }

    /// <summary>
    /// Ends with an error when the data expands more than data of people does: logs shrink to a fifth or, where lines repeat, a fiftieth.
    /// </summary>
    private sealed class BoundedStream(Stream content, Func<long> compressed) : ReadOnlyStream
    {
        private const long Always = 64L << 20;

        private const int MaxRatio = 200;

        private long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Counted(await content.ReadAsync(buffer, cancellationToken));

        public override int Read(Span<byte> buffer) => Counted(content.Read(buffer));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                content.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Counted(int read)
        {
            _read += read;
            return _read <= Always || _read / MaxRatio <= compressed() ? read
                : throw new InvalidDataException($"the compressed data expands to more than {MaxRatio} times its size");
        }
    }
}

/// <summary>One file of an export. It is read once, after a look at its beginning.</summary>
internal sealed class ExportPart(Func<Stream> open) : IDisposable
{
    // The comments and the header of a CSV, or the first fields of a JSON.
    private const int HeadBytes = 16 * 1024;

    private Stream? _stream;
    private string? _head;

    /// <summary>The beginning as text.</summary>
    public string Head
    {
        get
        {
            if (_head is null)
            {
                var stream = open();
                var bytes = new byte[HeadBytes];
                var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
                _head = Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF');
                _stream = new ConcatenatedStream(new MemoryStream(bytes, 0, length), stream);
            }

            return _head;
        }
    }

    /// <summary>The content from its beginning.</summary>
    public Stream Open()
    {
        _ = Head;
        return _stream!;
    }

    public void Dispose() => _stream?.Dispose();

    /// <summary>The whole content, of a file that is read at once.</summary>
    /// <exception cref="InvalidDataException">It is longer than 64 MiB.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAllAsync(CancellationToken cancellationToken)
    {
        const int Max = 64 << 20;
        using var content = new MemoryStream();
        var (stream, buffer) = (Open(), new byte[64 * 1024]);
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            content.Write(buffer, 0, read);
            if (content.Length > Max)
            {
                throw new InvalidDataException("the file is longer than 64 MiB; export a shorter period, and import several files");
            }
        }

        var all = content.ToArray().AsMemory();
        return all.Span.StartsWith("\uFEFF"u8) ? all[3..] : all;
    }
}
