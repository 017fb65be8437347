using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Bioscope.Core;

internal enum IdnaStatus { Disallowed, Valid, Mapped, Ignored }

/// <summary>The bidi classes as RFC 5893 groups them; <see cref="Other"/> may stand in no label of a Bidi domain.</summary>
internal enum BidiGroup { Other, Left, Right, ArabicNumber, EuropeanNumber, NonspacingMark, Neutral }

internal enum JoiningGroup { None, Left, Dual, Right, Transparent }

/// <summary>What the table knows about one code point, as tools/idna packs it.</summary>
internal readonly record struct CodePointProperties(ushort Bits)
{
    public IdnaStatus Status => (IdnaStatus)(Bits & 3);
    public BidiGroup Bidi => (BidiGroup)((Bits >> 2) & 7);
    public JoiningGroup Joining => (JoiningGroup)((Bits >> 5) & 7);
    public bool IsMark => (Bits & (1 << 8)) != 0;

    /// <summary>0 for a starter, else the place of its canonical combining class among all of them.</summary>
    public int CombiningOrder => (Bits >> 9) & 63;

    /// <summary>Whether any code point, followed by this one, has a composite.</summary>
    public bool MayCompose => Bits >> 15 != 0;
}

/// <summary>
/// Unicode 17.0 for domain names: mapping, bidi, joining, normalization. Our own, because .NET's answers depend on the machine's
/// ICU, and the invariant mode has none. Made by tools/idna, whose README has the layout; read on first use, which
/// an all-ASCII referrer never is.
/// </summary>
internal static class IdnaTable
{
    private const int PageBits = 7;
    private const int Sections = 5;
    private static readonly ushort[] Units = ReadUnits();
    private static readonly int[] Starts = SectionStarts();
    private static readonly (long[] Pairs, int[] Composites) Compositions = ReadCompositions();

    /// <summary>The class of U+094D and all other viramas (9).</summary>
    public static readonly int ViramaOrder = Properties(0x094D).CombiningOrder;

    public static CodePointProperties Properties(int codePoint) => new(Units[Record(codePoint)]);

    /// <summary>What a mapped code point turns into; empty for all others.</summary>
    public static ReadOnlySpan<char> Mapping(int codePoint) => Text(Units[Record(codePoint) + 1]);

    /// <summary>The full canonical decomposition; empty where there is none, and for Hangul syllables.</summary>
    public static ReadOnlySpan<char> Decomposition(int codePoint) => Text(Units[Record(codePoint) + 2]);

    /// <summary>The primary composite of two code points, Hangul aside; 0 when they do not compose.</summary>
    public static int Composite(int first, int second)
    {
        var i = Properties(second).MayCompose ? Array.BinarySearch(Compositions.Pairs, Pair(first, second)) : -1;
        return i < 0 ? 0 : Compositions.Composites[i];
    }

    private static long Pair(int first, int second) => ((long)first << 32) | (long)second;

    private static int Record(int codePoint)
    {
        int page = Units[Starts[0] + (codePoint >> PageBits)];
        return Starts[2] + (3 * Units[Starts[1] + (page << PageBits) + (codePoint & ((1 << PageBits) - 1))]);
    }

    private static ReadOnlySpan<char> Text(int offset) =>
        MemoryMarshal.Cast<ushort, char>(Units.AsSpan(Starts[3] + offset + 1, Units[Starts[3] + offset]));

    private static ushort[] ReadUnits()
    {
        using var packed = typeof(IdnaTable).Assembly.GetManifestResourceStream("IdnaTable.bin.br")!;
        using var unpacked = new BrotliStream(packed, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unpacked.CopyTo(bytes);
        var units = MemoryMarshal.Cast<byte, ushort>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(units, units);
        }

        return units;
    }

    private static int[] SectionStarts()
    {
        var starts = new int[Sections + 1];
        starts[0] = Sections;
        for (var i = 0; i < Sections; i++)
        {
            starts[i + 1] = starts[i] + Units[i];
        }

        return starts;
    }

    private static (long[] Pairs, int[] Composites) ReadCompositions()
    {
        List<int> triples = [];
        foreach (var rune in MemoryMarshal.Cast<ushort, char>(Units.AsSpan(Starts[4])).EnumerateRunes())
        {
            triples.Add(rune.Value);
        }

        var pairs = new long[triples.Count / 3];
        var composites = new int[pairs.Length];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = Pair(triples[3 * i], triples[(3 * i) + 1]);
            composites[i] = triples[(3 * i) + 2];
        }

        return (pairs, composites);
    }
}
