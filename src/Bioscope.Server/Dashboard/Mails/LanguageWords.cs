using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Mails;

/// <summary>What a language is called in itself.</summary>
internal sealed class LanguageWords(Words words) : WordArea(words, "Language")
{
    public string Name => Text();
}
