using System.Runtime.CompilerServices;
using System.Text;
using Bioscope.Server.Translations;

namespace Bioscope.Server.Web;

/// <summary>
/// The texts of one part of the product. Each public member is a text: its name is the key in the language files, and its parameters are
/// the text's places, so a misspelt key does not compile. A test compares members and files.
/// </summary>
internal abstract class WordArea(Words words, string area)
{
    /// <summary>The language.</summary>
    protected Words Words => words;

    /// <summary>The text of the member that calls this.</summary>
    protected string Text([CallerMemberName] string key = "") => words.Texts[$"{area}.{key}"];

    /// <summary>Like <see cref="Text"/>, with a value put into its place.</summary>
    protected string Fill(string place, string value, [CallerMemberName] string key = "") => Fill([(place, value)], key);

    /// <summary>Like <see cref="Text"/>, with values put into their places.</summary>
    protected string Fill((string Place, string Value)[] values, [CallerMemberName] string key = "") => Filled(Text(key), values);

    /// <summary>Like <see cref="Text"/>, with pieces of markup put into their places. The text itself is escaped.</summary>
    protected Html Markup((string Place, Html Value)[] values, [CallerMemberName] string key = "") => Escaped(Text(key), values);

    /// <summary>
    /// The form of the text that its language uses with a number (<c>Key.one</c>, <c>Key.other</c>, see <see cref="PluralForm"/>), with the
    /// number in the place <c>{count}</c> and the values in theirs.
    /// </summary>
    protected string Plural(long count, (string Place, string Value)[]? values = null, [CallerMemberName] string key = "") =>
        Filled(FormFor(count, key), [("count", words.Language.Number(count)), .. values ?? []]);

    /// <summary>Like <see cref="Plural"/>, with pieces of markup put into the places, one of which is <c>count</c>.</summary>
    protected Html PluralMarkup(long count, (string Place, Html Value)[] values, [CallerMemberName] string key = "") =>
        Escaped(FormFor(count, key), values);

    private string FormFor(long count, string key) => words.Texts[$"{area}.{key}.{PluralForm.Of(words.Tag, count)}"];

    private static Html Escaped(string text, (string Place, Html Value)[] values) =>
        Html.Trusted(Filled(Html.Of($"{text}").ToString(), [.. values.Select(value => (value.Place, value.Value.ToString()))]));

    // In one pass: what looks like a place inside a value stays as it is.
    private static string Filled(string text, (string Place, string Value)[] values)
    {
        var filled = new StringBuilder(text.Length);
        var at = 0;
        while (text.IndexOf('{', at) is >= 0 and var start)
        {
            var end = text.IndexOf('}', start);
            filled.Append(text, at, start - at).Append(values.First(value => text.AsSpan(start + 1, end - start - 1).SequenceEqual(value.Place)).Value);
            at = end + 1;
        }

        return filled.Append(text, at, text.Length - at).ToString();
    }
}
