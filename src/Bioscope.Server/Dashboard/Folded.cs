namespace Bioscope.Server.Dashboard;

/// <summary>
/// The beginning of a list of limited length, with the number of the remaining items and their total, so that both parts add up to the
/// whole.
/// </summary>
/// <param name="Shown">The first items, in their order.</param>
/// <param name="OtherItems">How many items are not shown.</param>
/// <param name="OtherCount">The total of those items.</param>
internal sealed record Folded<T>(IReadOnlyList<T> Shown, int OtherItems, long OtherCount)
{
    public static Folded<T> Of(IReadOnlyList<T> items, int maxShown, Func<T, long> count) =>
        new([.. items.Take(maxShown)], Math.Max(0, items.Count - maxShown), items.Skip(maxShown).Sum(count));
}

/// <summary>Text written by visitors, creators or imports, in limited length.</summary>
internal static class ShownText
{
    /// <summary>The maximum in UTF-16 code units. Most text is shorter: a title has at most 100.</summary>
    public const int MaxLength = 100;

    /// <summary>The text, or its beginning with an ellipsis.</summary>
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
