/*
 * The style sheet of the HTML report. Its digest lets a browser apply it
 * and no other; tests/html_test.py holds the two together.
 */
#include "report/html_parts.h"

const char html_style_digest[] =
    "sha256-bRmZDVPhcozkPFKMenb4x1DgaA11xblHK16UguFmshU=";

/* In pieces, since C promises no longer string literals. */
const char *const html_style[] = {
    /* Colours, and the same for the dark. */
    "\n:root{--page:#f4f5f7;--paper:#fff;--ink:#1b1f24;--soft:#59636e;"
    "--line:#d9dee3;--well:#f4f5f7;--alarm:#b3261e;--alarm-paper:#fdecea;"
    "--doubt:#8a5a00;--doubt-paper:#fff4dc;--good:#1e6b34;"
    "--good-paper:#e6f4ea;--plain:#3b6ea5}\n"
    "@media (prefers-color-scheme:dark){:root{--page:#0f1216;"
    "--paper:#181c22;--ink:#e4e8ec;--soft:#9aa4af;--line:#2f363e;"
    "--well:#10141a;--alarm:#ff8a80;--alarm-paper:#3a1a1a;--doubt:#f2c14e;"
    "--doubt-paper:#33290f;--good:#7fd196;--good-paper:#14301d;"
    "--plain:#7fb0e6}}\n",

    /* The page. */
    "*{box-sizing:border-box}\n"
    "html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--page);color:var(--ink);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Helvetica Neue',Arial,sans-serif}\n"
    "header,main,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}\n"
    "header{max-width:63.5rem;margin-top:2rem;padding:1.5rem "
    "1.75rem;background:var(--paper);"
    "border:1px solid var(--line);border-left:.5rem solid var(--good);"
    "border-radius:.5rem}\n"
    "header.alarm{border-left-color:var(--alarm)}\n"
    "header.doubt{border-left-color:var(--doubt)}\n"
    "header p{margin:.5rem 0 0;max-width:48rem}\n"
    "header .brand{margin:0;color:var(--soft);font-weight:600;"
    "letter-spacing:.06em;text-transform:uppercase;font-size:.8rem}\n"
    "h1{margin:.1rem 0 0;font-size:1.9rem;line-height:1.2}\n"
    "h1:first-letter,.coverage:first-letter{text-transform:uppercase}\n"
    ".alarm h1{color:var(--alarm)}\n"
    ".doubt h1{color:var(--doubt)}\n"
    ".good h1{color:var(--good)}\n"
    ".coverage{font-weight:600;color:var(--good)}\n"
    ".coverage.incomplete{color:var(--doubt)}\n"
    "footer{margin:2rem auto;color:var(--soft);font-size:.85rem}\n",

    /* Words and numbers. */
    "h2{margin:0;font-size:1.4rem;line-height:1.3;overflow-wrap:anywhere}\n"
    "h3{margin:1.75rem 0 .5rem;font-size:1.05rem}\n"
    "p{margin:.5rem 0}\n"
    "a{color:var(--plain)}\n"
    "code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"
    "'Liberation Mono','DejaVu Sans Mono',monospace;font-size:.88em}\n"
    "code{overflow-wrap:anywhere}\n"
    "pre{margin:.5rem 0;padding:.75rem 1rem;background:var(--well);"
    "border:1px solid var(--line);border-radius:.35rem;white-space:pre-wrap;"
    "overflow-wrap:anywhere;line-height:1.45}\n"
    "pre em{color:var(--doubt);font-style:normal;font-weight:600}\n"
    "mark{background:var(--doubt-paper);color:var(--doubt);"
    "border-radius:.2rem}\n"
    ".record{font-size:.8rem}\n"
    ".record .key{color:var(--plain)}\n"
    ".record .word{color:var(--doubt)}\n"
    ".note,.period,figcaption{color:var(--soft);font-size:.9rem}\n"
    ".badge{display:inline-block;padding:.05em .55em;border-radius:1em;"
    "font-size:.75rem;font-weight:600;vertical-align:.12em;"
    "white-space:nowrap}\n"
    ".badge.alarm{color:var(--alarm);background:var(--alarm-paper)}\n"
    ".badge.doubt{color:var(--doubt);background:var(--doubt-paper)}\n"
    ".badge.good{color:var(--good);background:var(--good-paper)}\n"
    ".badge.quiet{color:var(--soft);background:var(--well)}\n",

    /* What stands on paper of its own. */
    ".cards{display:grid;gap:.75rem;margin:1.25rem 0 0;"
    "grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}\n"
    ".cards div{padding:.75rem 1rem;background:var(--paper);"
    "border:1px solid var(--line);border-radius:.5rem}\n"
    ".cards dt{color:var(--soft);font-size:.85rem}\n"
    ".cards dd{margin:0;font-size:1.6rem;font-weight:600;line-height:1.25;"
    "font-variant-numeric:tabular-nums}\n"
    "article,section,nav{margin-top:1.25rem;padding:1.5rem 1.75rem;"
    "background:var(--paper);border:1px solid var(--line);"
    "border-radius:.5rem}\n"
    ".facts,.evidence{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.2rem 1rem;margin:1rem 0 0}\n"
    ".facts dt,.evidence dt{color:var(--soft)}\n"
    ".facts dd,.evidence dd{margin:0;min-width:0;overflow-wrap:anywhere}\n"
    ".evidence{margin:0;font-size:.9rem}\n"
    ".steps li{margin:.75rem 0}\n"
    ".notes li{overflow-wrap:anywhere}\n",

    /* Tables; numbers stand to the right. */
    "table{width:100%;border-collapse:collapse;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.4rem .75rem .4rem 0;text-align:left;"
    "vertical-align:top;font-weight:400}\n"
    "thead th{color:var(--soft);font-size:.85rem;"
    "border-bottom:1px solid var(--line)}\n"
    ".contents tbody tr+tr,.counts tbody tr+tr{"
    "border-top:1px solid var(--line)}\n"
    ".contents td:nth-child(2){min-width:8.5rem}\n"
    ".contents td:nth-child(n+4){white-space:nowrap}\n"
    ".addresses tbody{border-bottom:1px solid var(--line)}\n"
    ".addresses tbody th{font-weight:600}\n"
    ".addresses tbody.suspect th{box-shadow:inset .2rem 0 var(--alarm)}\n"
    ".addresses tbody.suspect tr.more td{"
    "box-shadow:inset .2rem 0 var(--alarm)}\n"
    ".addresses th:first-child,.addresses tr.more td{padding-left:.75rem}\n"
    ".addresses tr.more td{padding-bottom:.9rem}\n"
    ".side{display:grid;gap:0 2.5rem;align-items:start;"
    "grid-template-columns:repeat(auto-fit,minmax(13rem,1fr))}\n"
    ".counts td,.counts th+th{text-align:right;padding-right:0}\n",

    /* The timeline. */
    ".timeline{margin:.75rem 0 0}\n"
    ".lane{display:grid;grid-template-columns:15rem 1fr;gap:0 1rem;"
    "align-items:end;margin-bottom:.6rem}\n"
    ".who{line-height:1.3}\n"
    ".who code{display:block}\n"
    ".who span{color:var(--soft);font-size:.85rem}\n"
    ".lane svg{display:block;width:100%;height:2.75rem}\n"
    ".lane rect{fill:var(--plain)}\n"
    ".lane.suspect rect{fill:var(--alarm)}\n"
    ".lane.expected rect{fill:var(--good)}\n"
    ".lane.suspect code,.lane.suspect .who span{color:var(--alarm);"
    "font-weight:600}\n"
    ".grid{fill:none;stroke:var(--line);stroke-width:1;"
    "vector-effect:non-scaling-stroke}\n"
    ".axis{display:flex;justify-content:space-between;margin:0 0 0 16rem;"
    "padding:0;list-style:none;color:var(--soft);font-size:.8rem;"
    "line-height:1.2;font-variant-numeric:tabular-nums}\n"
    ".axis li{width:0;display:flex;justify-content:center;"
    "text-align:center;white-space:nowrap}\n"
    ".axis li:first-child{justify-content:flex-start;text-align:left}\n"
    ".axis li:last-child{justify-content:flex-end;text-align:right}\n"
    "figcaption{margin-top:.5rem}\n",

    /* A phone: a row becomes a block, each cell with its name. */
    "@media (max-width:44rem){body{font-size:15px}\n"
    "header{margin:.75rem;padding:1.1rem 1.1rem}\n"
    "main,footer{padding:0 .75rem}\n"
    "article,section,nav{padding:1.1rem}\n"
    "h1{font-size:1.45rem}\n"
    ".cards{grid-template-columns:repeat(auto-fit,minmax(7rem,1fr))}\n"
    ".lane{grid-template-columns:1fr}\n"
    ".axis{margin-left:0}\n"
    ".axis li:nth-child(even){display:none}\n"
    ".addresses thead,.contents thead{display:none}\n"
    ".addresses tbody{display:block}\n"
    ".addresses tbody.suspect{box-shadow:inset .2rem 0 var(--alarm)}\n"
    ".contents td:nth-child(n+4){white-space:normal}\n"
    ".addresses tr,.addresses td,.addresses th,.contents tr,.contents td,"
    ".contents th{display:block;padding-right:0}\n"
    ".addresses td,.contents td{padding-top:0;padding-bottom:.1rem}\n"
    ".addresses td[data-name]{padding-left:.75rem}\n"
    "td[data-name]:before{content:attr(data-name)': ';color:var(--soft)}\n"
    ".facts,.evidence{grid-template-columns:1fr;gap:0}\n"
    ".facts dd,.evidence dd{margin-bottom:.4rem}\n"
    ".steps{padding-left:1.25rem}}\n",

    /* On paper: dark on light, and no break where one would hurt. */
    "@media print{:root{--page:#fff;--paper:#fff;--ink:#000;--soft:#444;"
    "--line:#bbb;--well:#f6f6f6;--alarm:#b3261e;--alarm-paper:#fdecea;"
    "--doubt:#8a5a00;--doubt-paper:#fff4dc;--good:#1e6b34;"
    "--good-paper:#e6f4ea;--plain:#3b6ea5}\n"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
    "body{font-size:10.5pt}\n"
    "header,main,footer{max-width:none;padding-left:0;padding-right:0}\n"
    "header{margin-top:0;padding:1rem 1.25rem}\n"
    ".cards{grid-template-columns:repeat(5,1fr)}\n"
    "article,section,nav{border:0;padding:0}\n"
    "article+article{break-before:page}\n"
    "h2,h3,thead{break-after:avoid}\n"
    ".cards,.lane,.timeline,tbody tr,.steps li,.counts{break-inside:avoid}\n"
    "a{color:inherit;text-decoration:none}}\n",
    NULL,
};
