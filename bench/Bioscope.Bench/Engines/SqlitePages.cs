using System.Buffers.Binary;

namespace Bioscope.Bench.Engines;

/// <summary>
/// Counts the pages of a table or an index in a SQLite file (https://www.sqlite.org/fileformat2.html, "B-tree Pages"), as the virtual
/// table <c>dbstat</c> does, which the library that the server uses is built without. Only inner pages are read: all leaves are
/// equally deep. Overflow pages are not counted; rows and keys of the data set are too small to have any.
/// </summary>
internal sealed class SqlitePages(string file) : IDisposable
{
    private const byte InnerOfIndex = 2;
    private const byte InnerOfTable = 5;

    private readonly FileStream _file = File.OpenRead(file);
    private readonly int _size = PageSize(file);

    /// <summary>Bytes of the b-tree with this root page; the file must have no write-ahead log.</summary>
    public long BytesOf(long root)
    {
        var (level, pages) = ((List<uint>)[(uint)root], 1L);
        while (Children(level[0]) is not [])
        {
            var children = level.SelectMany(Children).ToList();
            pages += children.Count;
            level = children;
            if (Children(children[0]) is [])
            {
                break;
            }
        }

        return pages * _size;
    }

    public void Dispose() => _file.Dispose();

    private uint[] Children(uint number)
    {
        var page = new byte[_size];
        _file.Position = (number - 1L) * _size;
        _file.ReadExactly(page);
        var header = page.AsSpan(number == 1 ? 100 : 0); // the file's own header comes first
        if (header[0] is not (InnerOfIndex or InnerOfTable))
        {
            return [];
        }

        var children = new uint[BinaryPrimitives.ReadUInt16BigEndian(header[3..]) + 1];
        for (var cell = 0; cell < children.Length - 1; cell++)
        {
            var place = BinaryPrimitives.ReadUInt16BigEndian(header[(12 + (cell * 2))..]);
            children[cell] = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(place));
        }

        children[^1] = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        return children;
    }

    private static int PageSize(string file)
    {
        var header = new byte[18];
        using var stream = File.OpenRead(file);
        stream.ReadExactly(header);
        return BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)) is 1 ? 65_536 : BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16));
    }
}
