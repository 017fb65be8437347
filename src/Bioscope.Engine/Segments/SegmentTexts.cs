using System.Text;

namespace Bioscope.Engine.Segments;

/// <summary>
/// The values that numbers in a segment refer to, as bytes: the number of entries, the number of texts in each, then the texts, each
/// preceded by its length in UTF-8 plus one, or by 0 for null. Counts and lengths are stored in 7 bits per byte, lowest first.
/// </summary>
internal static class SegmentTexts
{
    public static byte[] Write(IReadOnlyList<string?[]> entries)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write7BitEncodedInt(entries.Count);
        writer.Write7BitEncodedInt(entries.Count == 0 ? 0 : entries[0].Length);
        foreach (var text in entries.SelectMany(entry => entry))
        {
            if (text is null)
            {
                writer.Write7BitEncodedInt(0);
                continue;
            }

            var utf8 = Encoding.UTF8.GetBytes(text);
            writer.Write7BitEncodedInt(utf8.Length + 1);
            writer.Write(utf8);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <exception cref="FormatException">The bytes are malformed.</exception>
    public static IReadOnlyList<string?[]> Read(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            var (count, columns) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
            // Each text takes a byte at least; without columns there is nothing to be many of.
            if (count < 0 || columns < 0 || (columns == 0 && count > 0) || (long)count * columns > bytes.Length)
            {
                throw new FormatException($"{bytes.Length} bytes cannot hold {count} entries.");
            }

            var entries = new string?[count][];
            var known = new Dictionary<string, string>(StringComparer.Ordinal); // the same text occurs many times
            for (var i = 0; i < entries.Length; i++)
            {
                entries[i] = new string?[columns];
                for (var column = 0; column < columns; column++)
                {
                    var length = reader.Read7BitEncodedInt();
                    entries[i][column] = length == 0 ? null : Shared(Text(reader, length - 1));
                }
            }

            return reader.BaseStream.Position == bytes.Length ? entries : throw new FormatException(
                "There are bytes after the last entry.");

            string Shared(string text) => known.TryGetValue(text, out var first) ? first : known[text] = text;
        }
        catch (Exception e) when (e is IOException or OverflowException or ArgumentException)
        {
            throw new FormatException($"{bytes.Length} bytes are not valid entries: {e.Message}", e);
        }
    }

    private static string Text(BinaryReader reader, int length)
    {
        // Looked at before the reader takes memory for that many bytes.
        return length <= reader.BaseStream.Length - reader.BaseStream.Position
            ? Encoding.UTF8.GetString(reader.ReadBytes(length))
            : throw new EndOfStreamException("The last text is truncated.");
    }
}
