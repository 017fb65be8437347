using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="EditorPage"/>.</summary>
internal sealed class EditorWords(Words words) : WordArea(words, "Editor")
{
    public string Title(string name) => Fill("name", name);

    public string Heading => Text();

    public string Preview => Text();

    public string PreviewOfPage => Text();

    public string Name => Text();

    public string Description => Text();

    public Html Address(Html prefix) => Markup([("prefix", prefix)]);

    public string OldAddress(long count) => Plural(count);

    public string Look => Text();

    public string Soft => Text();

    public string Paper => Text();

    public string Vivid => Text();

    public string Outline => Text();

    public string Dusk => Text();

    public string Night => Text();

    public string Colour => Text();

    public string Fonts => Text();

    public string Classic => Text();

    public string Modern => Text();

    public string Book => Text();

    public string Round => Text();

    public string Typewriter => Text();

    public string Profiles => Text();

    public string WhoSees => Text();

    public string Everyone => Text();

    public string Nobody => Text();

    public string SeePage => Text();

    public string YourPicture => Text();

    public string Picture => Text();

    public string Upload => Text();
}
