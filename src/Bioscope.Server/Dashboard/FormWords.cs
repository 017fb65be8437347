using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>What several pages with forms say.</summary>
internal sealed class FormWords(Words words) : WordArea(words, "Form")
{
    public string NotSaved(string problem) => Fill("problem", problem);

    public string NotDone(string problem) => Fill("problem", problem);

    public string Saved => Text();

    public string Save => Text();

    public string Add => Text();

    public string Remove => Text();

    public string Copy => Text();

    public string BackToDashboard => Text();

    public string SkipToContent => Text();

    public string SignOut => Text();
}
