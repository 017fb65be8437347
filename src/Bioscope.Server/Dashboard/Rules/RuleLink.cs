using Bioscope.Core;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Rules;

/// <summary>The link from a source to the page that renames or hides it.</summary>
internal static class RuleLink
{
    private static readonly Html Pencil = Html.Trusted(
        """<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="m2.5 13.5.8-3.2 7.8-7.8 2.4 2.4-7.8 7.8zM9.3 4.3l2.4 2.4"/></svg>""");

    /// <summary>The page for a source; null where no rule could name its visits, or where several are shown as one.</summary>
    public static string? For(IReadOnlyList<string?> sources) => sources is [{ Length: > 0 and var length } source]
        && source != AttributionLadder.NoSource && length <= Engine.Counting.QueryRequest.MaxValueLength
            ? $"{RulesPage.SourcePath}?name={Uri.EscapeDataString(source)}"
            : null;

    /// <summary>The link as a pencil; a gap of its width where there is none.</summary>
    public static Html Mark(Words words, IReadOnlyList<string?> sources, string name) => For(sources) is { } page
        ? Html.Of($"""<a class="out" href="{page}" title="{new RuleLinkWords(words).RenameOrHide}" aria-label="{new RuleLinkWords(words).RenameOrHideIt(name)}">{Pencil}</a>""")
        : Html.Of($"""<span class="out"></span>""");
}
