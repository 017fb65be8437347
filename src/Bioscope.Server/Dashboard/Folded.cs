namespace Bioscope.Server.Dashboard;

/// <summary>
/// A list that is shown in bounded room: its first items, and how many others there are and what they count together, so that what is shown and the
/// rest are all there is.
/// </summary>
/// <param name="Shown">The first items, in their order.</param>
/// <param name="OtherItems">How many items are not shown.</param>
/// <param name="OtherCount">What those count together.</param>
internal sealed record Folded<T>(IReadOnlyList<T> Shown, int OtherItems, long OtherCount)
{
    public static Folded<T> Of(IReadOnlyList<T> items, int maxShown, Func<T, long> count) =>
        new([.. items.Take(maxShown)], Math.Max(0, items.Count - maxShown), items.Skip(maxShown).Sum(count));
}

/// <summary>Text that visitors, creators or imports have written, in bounded room.</summary>
internal static class ShownText
{
    /// <summary>In UTF-16 code units. What people write themselves is shorter: a title has 100 at most.</summary>
    public const int MaxLength = 100;

    /// <summary>The text, or its beginning and an ellipsis.</summary>
    public static string Of(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        var end = MaxLength - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }
}
