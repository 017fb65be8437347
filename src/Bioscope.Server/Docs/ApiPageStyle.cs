namespace Bioscope.Server.Docs;

/// <summary>
/// The style of <see cref="ApiPage"/>: one column on a phone; from 1,000 pixels, contents, text and examples side by side.
/// </summary>
internal static class ApiPageStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--paper:#fbfcff;--ink:#161f30;--quiet:#566178;--line:#dfe6f2;--link:#1d56c4;--soft:#eef3fc;
        --code:#0f1726;--code-ink:#dbe4f5;--key:#8fb8ff;--text:#9fdcb4;--number:#f3c27b;
        --get:#1a6b45;--post:#1d56c4;--put:#8a5200;--patch:#7a3fb0;--delete:#b3261e}
        @media(prefers-color-scheme:dark){:root{--paper:#0c121b;--ink:#e8eef8;--quiet:#9dabc2;--line:#223049;--link:#8fb8ff;--soft:#152032;
        --code:#070b12;--get:#6fd3a0;--post:#8fb8ff;--put:#f3c27b;--patch:#cfa6f5;--delete:#ff9a91}}
        *{box-sizing:border-box}
        html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
        a{color:var(--link);text-underline-offset:.2em}
        code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.86em}
        h1,h2{font-family:ui-serif,"Iowan Old Style",Palatino,Georgia,serif;font-weight:600;letter-spacing:-.015em;line-height:1.12;text-wrap:balance}
        h1{font-size:clamp(2rem,6vw,3rem);margin:0 0 1rem;max-width:18em}
        h2{font-size:clamp(1.6rem,4vw,2.1rem);margin:0 0 .5rem}
        h3{font-size:1.2rem;line-height:1.3;margin:0 0 .4rem}
        h3 a{color:inherit;text-decoration:none}
        h3 a:hover{text-decoration:underline}
        h4{font-size:.8rem;font-weight:650;color:var(--quiet);margin:1.6rem 0 .3rem}
        p{margin:.5rem 0}
        small{font-size:.82rem;color:var(--quiet)}
        .quiet{color:var(--quiet)}
        .skip{position:absolute;left:-99rem}
        .skip:focus{left:1rem;top:.5rem;z-index:3;background:var(--paper);padding:.5rem}
        .menu{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--line)}
        .menu summary{padding:.75rem 1.25rem;font-weight:600;cursor:pointer}
        .menu nav{max-height:70vh;overflow:auto;padding:0 1.25rem 1.25rem}
        aside{display:none}
        nav p{margin:1rem 0 .2rem;font-weight:600;font-size:.92rem}
        nav p a{color:inherit;text-decoration:none}
        nav ul{list-style:none;margin:0;padding:0;font-size:.9rem}
        nav li a{display:flex;gap:.55rem;align-items:baseline;padding:.28rem .4rem;margin:0 -.4rem;border-radius:.35rem;color:var(--quiet);text-decoration:none;line-height:1.35}
        nav li a:hover{background:var(--soft);color:var(--ink)}
        nav .m{flex:0 0 3.2rem;font-size:.66rem}
        main{padding:2.5rem 1.25rem 6rem;max-width:80rem}
        .intro{max-width:44rem}
        .intro p{text-wrap:pretty}
        .lead{font-size:1.2rem;color:var(--quiet)}
        .file{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9rem}
        section{margin-top:4rem;padding-top:2.5rem;border-top:1px solid var(--line)}
        article{margin-top:3rem;scroll-margin-top:4rem}
        .route{display:flex;gap:.6rem;align-items:baseline}
        .route code{overflow-wrap:anywhere}
        .route em{font-style:normal;color:var(--link)}
        .m{font:700 .72rem/1 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.02em;color:var(--quiet)}
        .get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}.delete{color:var(--delete)}
        .chips{display:flex;flex-wrap:wrap;gap:.4rem}
        .chips>*{font-size:.8rem;padding:.1rem .55rem;border-radius:1rem;background:var(--soft);color:var(--quiet);text-decoration:none}
        .chips a{color:var(--link)}
        dl{margin:.2rem 0 0;border-top:1px solid var(--line)}
        dt{padding-top:.55rem;overflow-wrap:anywhere;scroll-margin-top:5rem}
        dt code{font-weight:600}
        dd{margin:0;padding:.1rem 0 .55rem;border-bottom:1px solid var(--line);color:var(--quiet);font-size:.92rem}
        dd code,p code,li code{background:var(--soft);border-radius:.25rem;padding:.05em .3em}
        .route code{background:none;padding:0}
        dt:target{background:linear-gradient(90deg,var(--soft),transparent)}
        .otherwise{list-style:none;margin:0;padding:0;font-size:.92rem}
        .otherwise li{padding:.15rem 0}
        .otherwise a{color:inherit}
        .s{display:inline-block;min-width:2.4em;font:600 .82rem ui-monospace,Menlo,Consolas,monospace;color:var(--delete)}
        .s.ok{color:var(--get)}
        figure{margin:1.25rem 0 0;border-radius:.6rem;overflow:hidden;background:var(--code);color:var(--code-ink)}
        figcaption{display:flex;justify-content:space-between;gap:1rem;padding:.55rem 1rem;font-size:.8rem;font-weight:600;border-bottom:1px solid #ffffff1c}
        figcaption span{font-weight:400;color:#9dabc2}
        pre{margin:0;padding:.9rem 1rem;overflow-x:auto;line-height:1.5;max-height:32rem}
        pre code{font-size:.82rem}
        pre:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
        pre i{font-style:normal;color:var(--key)}
        pre b{font-weight:400;color:var(--text)}
        pre u{text-decoration:none;color:var(--number)}
        input[name=in]{position:fixed;top:0;left:0;opacity:0;pointer-events:none}
        label{cursor:pointer;color:#9dabc2;font-weight:400}
        label:hover{color:var(--code-ink)}
        figcaption:has(label){justify-content:flex-start}
        figcaption label~span{margin-left:auto}
        .call{display:none}
        #in-sh:checked~main .sh,#in-ts:checked~main .ts,#in-cs:checked~main .cs{display:block}
        #in-sh:checked~main [for=in-sh],#in-ts:checked~main [for=in-ts],#in-cs:checked~main [for=in-cs]{color:var(--code-ink);font-weight:600;text-decoration:underline;text-underline-offset:.35em}
        input[name=in]:focus-visible~main label{outline:1px solid var(--key);outline-offset:2px}
        .call{user-select:all;white-space:pre-wrap;overflow-wrap:anywhere}
        @media(min-width:62.5rem){
        .menu{display:none}
        html{scroll-padding-top:1rem}
        body{display:grid;grid-template-columns:17rem minmax(0,1fr)}
        aside{display:block;position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1.25rem 3rem;border-right:1px solid var(--line)}
        .name{font:600 1.15rem ui-serif,Palatino,Georgia,serif;margin:0 0 1.25rem}
        .name a{color:inherit;text-decoration:none}
        main{padding:3.5rem clamp(1.5rem,3vw,3.5rem) 8rem}
        article{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:clamp(1.5rem,3vw,3rem)}
        .show{position:sticky;top:1.5rem;align-self:start}
        .show figure:first-child{margin-top:.3rem}
        }
        @media print{.menu,aside{display:none}pre{max-height:none;white-space:pre-wrap}}
        """;
}
