namespace Bioscope.Engine.Counting;

/// <summary>What a creator's rules make of a visit: source and channel, both null where it is hidden.</summary>
public sealed record RuleResult(string? Source, string? Channel)
{
    private const string HiddenText = "hidden"; // no channel: those stand before a line break

    /// <summary>The visit is in no answer.</summary>
    public static RuleResult Hidden { get; } = new(null, null);

    /// <summary>The result as a dimension's value.</summary>
    internal string Text => Source is null ? HiddenText : $"{Channel}\n{Source}";

    /// <summary>The result with this text.</summary>
    internal static RuleResult Of(string text) => text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end
        ? new RuleResult(text[(end + 1)..], text[..end])
        : Hidden;
}
