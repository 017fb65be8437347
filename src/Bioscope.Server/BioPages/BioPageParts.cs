using System.Collections.Frozen;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.BioPages;

/// <summary>What all bio pages have in common in one language, made once because it takes longer than the rest of a page.</summary>
internal sealed class BioPageParts
{
    private static readonly FrozenDictionary<string, BioPageParts> ByLanguage =
        Words.All.ToFrozenDictionary(words => words.Tag, words => new BioPageParts(words));

    private BioPageParts(Words words)
    {
        var text = new BioPageWords(words);
        Text = text;
        DocumentStart = Html.Of($"""
            <!doctype html>
            <html lang="{words.Tag}" dir="{words.Direction}">
            """);
        OwnerNotes = Html.Of($"""
            <aside hidden>{text.OwnVisitsNotCounted} <button type="button" data-bioscope-ignore="0">{text.CountMe}</button></aside>
            <aside hidden>{text.OwnVisitsCounted} <button type="button" data-bioscope-ignore="1">{text.DoNotCountMe}</button></aside>
            """);
        NavigationStart = Html.Of($"<nav aria-label=\"{text.Links}\">\n");
        NoLinks = Html.Of($"<p class=\"none\"><bdi>{text.NoLinks}</bdi></p>\n");
        ConsentFoot = Html.Of($"""
            <footer><span>{text.Counted}</span><button type="button" data-bioscope-consent="ask" hidden>{text.ChangeAnswer}</button><button type="button" data-bioscope-consent="forget">{text.ForgetMe}</button></footer>
            <div class="ask" data-bioscope-banner hidden role="region" aria-label="{text.BannerName}">
            <p><b>{text.Question}</b> {text.WhatWeCount}</p>
            <button type="button" data-bioscope-consent="granted">{text.Yes}</button><button type="button" data-bioscope-consent="denied">{text.No}</button>
            </div>
            """);
        // The tracker shows the span while the visitor has not refused, because it has the banner's attribute.
        AnonymousFoot = Html.Of($"""
            <footer class="free"><details><summary>{text.CountedWithoutCookies}</summary>
            <p>{text.HowWithoutCookies}</p></details>
            <span data-bioscope-banner hidden><button type="button" data-bioscope-consent="denied">{text.DoNotCountMe}</button></span><button type="button" data-bioscope-consent="ask" hidden>{text.NotCountedUndo}</button></footer>
            """);
    }

    public BioPageWords Text { get; }

    public Html DocumentStart { get; }

    public Html OwnerNotes { get; }

    public Html NavigationStart { get; }

    public Html NoLinks { get; }

    public Html ConsentFoot { get; }

    public Html AnonymousFoot { get; }

    public static BioPageParts In(Words words) => ByLanguage[words.Tag];
}
