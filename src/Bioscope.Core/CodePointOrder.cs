namespace Bioscope.Core;

/// <summary>
/// Orders text by code point, which is also the order of its UTF-8 bytes and the binary order of both engines. .NET's ordinal comparison
/// is by UTF-16 unit and sorts surrogate pairs before U+E000 to U+FFFF.
/// </summary>
public sealed class CodePointOrder : IComparer<string>
{
    /// <summary>The shared instance.</summary>
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
