using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="KeysPage"/>.</summary>
internal sealed class KeysWords(Words words) : WordArea(words, "Keys")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string What => Text();

    public string AddTitle => Text();

    public string Name => Text();

    public string Make => Text();

    public string Reads => Text();

    public string MadeTitle => Text();

    public string MadeWhat => Text();

    public string CopyKey => Text();

    public string ListTitle => Text();

    public string None => Text();

    public string ScopeRead => Text();

    public string ScopeIngest => Text();

    public string MadeUsed(string made, string used) => Fill([("made", made), ("used", used)]);

    public string MadeUnused(string made) => Fill("made", made);

    public string Revoke => Text();

    public string RevokeOf(string name) => Fill("name", name);

    public Html How(Html header, Html api) => Markup([("header", header), ("api", api)]);

    public string Api => Text();
}
