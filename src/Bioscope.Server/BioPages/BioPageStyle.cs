using System.Collections.Frozen;
using Bioscope.Core;
using Bioscope.Server.Api.Bio;
using Bioscope.Server.Web;
using Microsoft.Extensions.Caching.Memory;

namespace Bioscope.Server.BioPages;

/// <summary>
/// The style of bio pages: one style sheet in the colours of the page, and what the creator chose besides. The whole sheet is inline and
/// its hash is in the policy.
/// </summary>
internal sealed record BioPageStyle(string Css, string Policy, string Light, string Dark, string Icon)
{
    private const string Sheet = """
        *{box-sizing:border-box}
        [hidden]{display:none!important}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;min-height:100vh;color:var(--i);background:radial-gradient(56rem 34rem at 12% -9rem,var(--g),transparent 72%) no-repeat var(--b);font:1.0625rem/1.5 var(--f,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif);overflow-wrap:anywhere;-webkit-tap-highlight-color:transparent;padding:0 max(1.25rem,env(safe-area-inset-right)) 0 max(1.25rem,env(safe-area-inset-left))}
        main,footer,aside{max-width:29rem;margin:auto}
        aside{display:flex;align-items:center;justify-content:space-between;gap:1rem;margin-top:.75rem;padding:.375rem 1rem;border-radius:1.125rem;background:var(--c);box-shadow:0 0 0 1px var(--l);font-size:.875rem;line-height:1.35}
        main{padding-top:clamp(2.25rem,8vh,4.5rem)}
        .face{display:grid;place-items:center;width:4.75rem;height:4.75rem;border-radius:50%;background:var(--a);color:var(--k);font:600 1.75rem/1 var(--s);letter-spacing:.01em;outline:1px solid var(--a);outline-offset:.3125rem;margin:.375rem .375rem 1.625rem}
        h1{margin:0;font:600 clamp(2.25rem,10.5vw,2.875rem)/1.06 var(--s);letter-spacing:-.022em;text-wrap:balance}
        .at{margin:.5rem 0 0;color:var(--m)}
        .about{margin:1rem 0 0;font-size:1.125rem;white-space:pre-line;text-wrap:pretty}
        .none{margin:2.25rem 0 0;color:var(--m)}
        ul{list-style:none;margin:2.25rem 0 0;padding:0;display:grid;gap:.625rem}
        a{display:flex;align-items:center;gap:1rem;min-height:4.25rem;padding:.75rem 1.25rem;padding-inline-end:1.375rem;border-radius:1.125rem;background:var(--c);color:inherit;text-decoration:none;box-shadow:0 0 0 1px var(--l),0 1px 2px var(--l);transition:transform .16s,box-shadow .16s}
        a span{flex:1;min-width:0}
        b,small{display:block}
        a b{font-weight:600;line-height:1.35}
        small{font-size:.875rem;color:var(--m)}
        a:after{content:"";flex:none;width:.6875rem;height:.6875rem;color:var(--a);border:solid;border-width:2px 2px 0 0;background:linear-gradient(to bottom right,transparent calc(50% - 1px),currentColor 0 calc(50% + 1px),transparent 0);transition:transform .16s}
        a:dir(rtl):after{scale:-1 1}
        .on a{background:var(--a);color:var(--k)}
        .on small{color:inherit}
        .on a:after{color:inherit}
        h2{margin:2.25rem 0 .75rem;font:600 1.25rem/1.2 var(--s)}
        h2+ul{margin:0}
        a:hover{box-shadow:0 0 0 1.5px var(--a),0 .375rem 1.25rem var(--l)}
        a:hover:after{transform:translate(.1875rem,-.1875rem)}
        a:active{transform:scale(.985)}
        :focus-visible{outline:3px solid var(--i);outline-offset:3px}
        footer{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 1rem;min-height:2.75rem;margin-top:2rem;padding-bottom:15rem;box-sizing:content-box;color:var(--m);font-size:.875rem}
        button{font:inherit;color:inherit;cursor:pointer;min-height:2.75rem;border-radius:.75rem}
        details{flex:1 1 16rem}
        summary{padding:.75rem 0;cursor:pointer}
        details p{margin:0 0 .75rem;max-width:38rem}
        footer button,aside button{border:0;margin:0 -.25rem;padding:0 .25rem;white-space:nowrap;background:none;text-decoration:underline;text-underline-offset:.2em}
        .ask{position:fixed;inset:auto max(.75rem,env(safe-area-inset-right)) max(.75rem,env(safe-area-inset-bottom)) max(.75rem,env(safe-area-inset-left));display:flex;flex-wrap:wrap;gap:.625rem;max-width:58rem;margin:auto;padding:1rem 1.125rem;border-radius:1.25rem;background:var(--c);box-shadow:0 0 0 1px var(--g),0 .75rem 2.5rem rgba(0,0,0,.28);font-size:.9375rem;line-height:1.45}
        .ask p{flex:1 1 20rem;margin:0}
        .ask b{display:inline}
        .ask button{flex:1 1 8rem;padding:0 1rem;border:1.5px solid var(--a);background:none;color:var(--a);font-weight:600;white-space:nowrap}
        .ask button:hover{background:var(--a);color:var(--k)}
        @media(min-width:56rem){main,footer,aside{max-width:60rem}main{display:grid;grid-template-columns:5fr 6fr;gap:5rem;align-items:start;padding-top:clamp(3rem,13vh,9rem)}header{position:sticky;top:3rem}h1{font-size:3.5rem}ul,.none,h2:first-child{margin-top:.375rem}footer{padding-bottom:8rem;margin-top:4rem}.ask p{flex-basis:30rem}.ask button{flex-grow:0}}
        footer button[hidden]+button{display:none}
        footer.free{padding-bottom:2rem}
        footer:has(+[hidden]){padding-bottom:2rem}
        @media(prefers-reduced-motion:reduce){*{transition:none!important}a:active,a:hover:after{transform:none}}
        @media(forced-colors:active){a,.ask,aside{border:1px solid}}
        """;

    private const string Icons = """
        .icons{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0 0}
        .icons a{min-height:0;padding:0;border-radius:.6875rem;box-shadow:none;background:none}
        .icons a:after{content:none}
        .tile{display:grid;place-items:center;width:2.75rem;height:2.75rem;border-radius:.6875rem;background:var(--a);color:var(--k);font:600 1.25rem/1 var(--s)}
        .tile rect{stroke:rgba(128,128,128,.3)}
        """;

    // Colours come from the palette; a theme adds shapes.
    private static readonly FrozenDictionary<string, string> Shapes = new Dictionary<string, string>
    {
        ["paper"] = "body{background:var(--b)}nav a,.face{border-radius:.375rem}nav a{box-shadow:0 0 0 1px var(--l)}",
        ["vivid"] = "body{background:linear-gradient(180deg,var(--g),var(--b) 32rem) no-repeat var(--b)}nav a{border-radius:.75rem}",
        ["outline"] =
            "body{background:var(--b)}nav a{border-radius:2.125rem;padding-inline:1.625rem;box-shadow:inset 0 0 0 1.5px var(--a)}",
        ["dusk"] = "body{background:linear-gradient(165deg,var(--g),var(--b) 85%) var(--b)}nav a{border-radius:2.125rem;padding-inline:1.625rem}",
    }.ToFrozenDictionary();

    private const int MaxChosen = 1_000;

    // Colours and the policy's hash take longer than all else about a page, so they are made once for a look: about 20 KB.
    private static readonly MemoryCache Chosen = new(new MemoryCacheOptions { SizeLimit = MaxChosen });

    private static readonly BioPageStyle[] Usual = [.. PageColour.All.Select(colour => Make(colour, "", false))];

    /// <summary>The look of a page. One without any choice of its creator has one of the styles that are ready.</summary>
    public static BioPageStyle Of(BioPage page)
    {
        var usual = PageColour.Of(page.Id);
        var colour = Rgb.Parse(page.Colour ?? "");
        var (theme, font) = (PageTheme.Named(page.Theme ?? "") ?? PageTheme.All[0], PageFont.Named(page.Font ?? "") ?? PageFont.All[0]);
        var look = new Look(theme, font, colour, colour is null ? usual : null, page.Icons is not null, page.Avatar is not null);
        return look == new Look(PageTheme.All[0], PageFont.All[0], null, usual, false, false)
            ? Usual[usual.Number]
            : Chosen.GetOrCreate(look, entry =>
            {
                entry.SetSize(1).SetSlidingExpiration(TimeSpan.FromHours(1));
                return Make(look);
            })!;
    }

    private static BioPageStyle Make(Look look)
    {
        var colour = look.Usual is { } usual
            ? look.Theme == PageTheme.All[0] ? usual : PageColour.Of(look.Theme, Rgb.Parse(usual.Accent)!.Value)
            : PageColour.Of(look.Theme, look.Colour!.Value);
        var more = (look.HasIcons ? Icons.ReplaceLineEndings("\n") : "")
            + (look.Font == PageFont.All[0] ? "" : $":root{{--s:{look.Font.Heading};--f:{look.Font.Body}}}")
            + Shapes.GetValueOrDefault(look.Theme.Name);
        return Make(colour, more, look.HasPicture);
    }

    private static BioPageStyle Make(PageColour colour, string more, bool hasPicture)
    {
        var css = colour.Css + Sheet.ReplaceLineEndings("\n") + more;
        return new BioPageStyle(
            css, HtmlAnswer.PolicyFor(css, script: true, hasPicture), colour.LightGround, colour.DarkGround, colour.Icon);
    }

    /// <summary>All that the style depends on.</summary>
    /// <param name="Theme">The theme.</param>
    /// <param name="Font">The fonts.</param>
    /// <param name="Colour">The chosen colour, if there is one.</param>
    /// <param name="Usual">Otherwise the page's usual one.</param>
    /// <param name="HasIcons">Whether there is a row of icons.</param>
    /// <param name="HasPicture">Whether there is a picture.</param>
    private sealed record Look(PageTheme Theme, PageFont Font, Rgb? Colour, PageColour? Usual, bool HasIcons, bool HasPicture);
}
