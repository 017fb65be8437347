namespace Bioscope.Core;

/// <summary>
/// Text by code point, which is also the order of its UTF-8 bytes and what both engines call binary. Ordinal comparison in .NET is by
/// UTF-16 unit and puts what needs two of them before U+E000 to U+FFFF.
/// </summary>
public sealed class CodePointOrder : IComparer<string>
{
    /// <summary>The only one there needs to be.</summary>
    public static CodePointOrder Instance { get; } = new();

    /// <inheritdoc />
    public int Compare(string? x, string? y)
    {
        var same = x.AsSpan().CommonPrefixLength(y);
        if (x is null || y is null || same == x.Length || same == y.Length)
        {
            return string.CompareOrdinal(x, y);
        }

        var (left, right) = (x[same], y[same]);
        return char.IsSurrogate(left) == char.IsSurrogate(right) ? left - right : char.IsSurrogate(left) ? 1 : -1;
    }
}
