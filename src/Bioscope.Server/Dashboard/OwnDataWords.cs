using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard;

/// <summary>The texts of <see cref="OwnDataPage"/>.</summary>
internal sealed class OwnDataWords(Words words) : WordArea(words, "OwnData")
{
    public string Title => Text();

    public string WhatIsInIt => Text();

    public string Download => Text();

    public string Delete => Text();

    public string WhatIsDeleted => Text();

    public string Password => Text();

    public string Understood => Text();

    public string DeleteNow => Text();

    public string Deleted => Text();

    public string NothingIsLeft => Text();
}
