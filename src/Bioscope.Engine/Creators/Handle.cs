using System.Buffers;

namespace Bioscope.Engine.Creators;

/// <summary>The name of a page in its address, <c>/@anna</c>.</summary>
internal static class Handle
{
    public const string Rule = "1 to 30 letters a-z, digits, '.', '_' or '-'";

    private static readonly SearchValues<char> Characters = SearchValues.Create("-._0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>Normalises a handle as people write it, with or without @, to its stored form; <see cref="IsValid"/> checks it.</summary>
    public static string Normalize(string text) => text.Trim().TrimStart('@').ToLowerInvariant();

    public static bool IsValid(string handle) => handle.Length is >= 1 and <= 30 && !handle.AsSpan().ContainsAnyExcept(Characters);
}
