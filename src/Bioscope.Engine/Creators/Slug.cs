using System.Buffers;

namespace Bioscope.Engine.Creators;

/// <summary>The name of a placement link in its address, <c>/@anna/story</c>.</summary>
internal static class Slug
{
    public const string Rule = "1 to 40 letters a-z, digits, '-' or '_'";

    private static readonly SearchValues<char> Characters = SearchValues.Create("-_0123456789abcdefghijklmnopqrstuvwxyz");

    public static bool IsValid(string slug) => slug.Length is >= 1 and <= 40 && !slug.AsSpan().ContainsAnyExcept(Characters);
}
