using System.Runtime.CompilerServices;

namespace Bioscope.Server.Translations;

/// <summary>
/// The texts of one part of the product. Each public member is a text: its name is the key in the language files, and its parameters are
/// the text's places, so a misspelt key does not compile. A test compares members and files.
/// </summary>
internal abstract class WordArea(Words words, string area)
{
    /// <summary>The text of the member that calls this.</summary>
    protected string Text([CallerMemberName] string key = "") => words.Texts[$"{area}.{key}"];

    /// <summary>Like <see cref="Text"/>, with a value put into its place.</summary>
    protected string Fill(string place, string value, [CallerMemberName] string key = "") =>
        Text(key).Replace($"{{{place}}}", value, StringComparison.Ordinal);
}
