using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary>What a bio page says besides its creator's own texts.</summary>
internal sealed class BioPageWords(Words words) : WordArea(words, "BioPage")
{
    public string YourPage => Text();

    public string Links => Text();

    public string NoLinks => Text();

    public string OwnVisitsNotCounted => Text();

    public string OwnVisitsCounted => Text();

    public string CountMe => Text();

    public string DoNotCountMe => Text();

    public string Counted => Text();

    public string ChangeAnswer => Text();

    public string ForgetMe => Text();

    public string BannerName => Text();

    public string Question => Text();

    public string WhatWeCount => Text();

    public string Yes => Text();

    public string No => Text();

    public string CountedWithoutCookies => Text();

    public string HowWithoutCookies => Text();

    public string NotCountedUndo => Text();

    public string AllLinksOf(string name) => Fill("name", name);
}
