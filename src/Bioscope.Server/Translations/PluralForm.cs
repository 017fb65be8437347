namespace Bioscope.Server.Translations;

/// <summary>
/// The form of a noun beside a whole number, by the names and rules of Unicode CLDR: <c>one</c> visit, <c>other</c> visits; Arabic has six.
/// The form of exact millions in Romance languages is left out, because there it differs only where "million" is written as a word.
/// </summary>
internal static class PluralForm
{
    /// <summary>The forms that a language has, for the language with the given tag.</summary>
    public static IReadOnlyList<string> All(string tag) => tag switch
    {
        "ar" => ["zero", "one", "two", "few", "many", "other"],
        "id" or "ja" => ["other"],
        _ => ["one", "other"],
    };

    /// <summary>The form beside a number that is not negative.</summary>
    public static string Of(string tag, long count) => tag switch
    {
        "ar" => OfArabic(count),
        "id" or "ja" => "other",
        "fr" or "pt-BR" or "hi" => count is 0 or 1 ? "one" : "other",
        _ => count == 1 ? "one" : "other",
    };

    private static string OfArabic(long count) => (count, count % 100) switch
    {
        (0, _) => "zero",
        (1, _) => "one",
        (2, _) => "two",
        (_, >= 3 and <= 10) => "few",
        (_, >= 11) => "many",
        _ => "other",
    };
}
