using System.Text.RegularExpressions;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>
/// Why a form changed nothing, in the reader's language. The rules are the API's, whose details are English sentences; so, as with gettext,
/// the English texts of <c>[Problem]</c> are the templates of those sentences, and their translations take the same values.
/// </summary>
internal static partial class Problems
{
    private const string Area = "Problem.";

    // The most words first, because a place takes any text.
    private static readonly (string Key, Regex Template)[] Templates =
    [
        .. Words.All[0].Texts.Where(text => text.Key.StartsWith(Area, StringComparison.Ordinal))
            .OrderByDescending(text => Place().Replace(text.Value, "").Length)
            .Select(text => (text.Key, TemplateOf(text.Value))),
    ];

    /// <summary>The details of a refusal, or else its message, as the end of a sentence.</summary>
    public static string Of(Words words, ApiError refusal) => refusal.Details.Count == 0
        ? Of(words, refusal.Message.TrimEnd('.'))
        : string.Join("; ", refusal.Details.Select(detail => Of(words, detail)));

    /// <summary>One detail. What has no template stays English, isolated, so that it reads well between texts from right to left.</summary>
    public static string Of(Words words, string detail)
    {
        foreach (var (key, template) in Templates)
        {
            if (template.Match(detail) is { Success: true } match)
            {
                return Place().Replace(words.Texts[key], place => match.Groups[place.Groups[1].Value].Value);
            }
        }

        return $"\u2066{detail}\u2069";
    }

    private static Regex TemplateOf(string text)
    {
        var (pattern, at) = ("", 0);
        foreach (Match place in Place().Matches(text))
        {
            pattern += Regex.Escape(text[at..place.Index]) + $"(?<{place.Groups[1].Value}>.+?)";
            at = place.Index + place.Length;
        }

        return new Regex(
            $"^{pattern}{Regex.Escape(text[at..])}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }

    [GeneratedRegex("{([^}]+)}")]
    private static partial Regex Place();
}
