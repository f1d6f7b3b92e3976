/** The style of the status page: one small file, with the colour of its owner in it. */

export function style(color: string): string {
  return `:root{color-scheme:light dark;--brand:${color};
--ink:#1c2126;--soft:#566069;--paper:#fdfdfb;--card:#fff;--line:#d9dcd8;--link:#1f4f8f;
--ok:#2c7a55;--degraded:#a86200;--partial:#c2470b;--major:#bf1f30;--work:#3a62c4;--none:#767d84}
@media (prefers-color-scheme:dark){:root{
--ink:#e7eaec;--soft:#a3acb4;--paper:#14171a;--card:#1b1f23;--line:#343a40;--link:#8ab8f5;
--ok:#52b788;--degraded:#e0a030;--partial:#f08047;--major:#ff6b76;--work:#86a8ff;--none:#8f979e}}
*{box-sizing:border-box}
html{border-top:6px solid var(--brand);background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;
-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;max-width:54rem;padding:0 1.25rem 3rem;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.2em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--card);z-index:1}
.then{margin:1.25rem 0 0;padding:.6rem 1rem;border:1px solid var(--line);border-left:4px solid var(--ink);background:var(--card)}
.then p{margin:0}
.top{display:flex;flex-wrap:wrap;gap:.5rem 2rem;align-items:center;justify-content:space-between;padding:1.75rem 0 1.25rem}
.name{display:flex;gap:.75rem;align-items:center}.logo{display:block;max-width:12rem}
.top h1,.title{margin:0;font-size:1.25rem;font-weight:650;letter-spacing:-.01em}
.title a{color:inherit;text-decoration:none}.title a:hover{text-decoration:underline}
nav a{display:inline-block;padding:.25rem 0}.top nav a{margin-left:1.25rem}.top nav a:first-child{margin-left:0}
[aria-current]{color:inherit;font-weight:600;text-decoration:none}
.intro{margin:0 0 1rem;max-width:42rem}
.now{display:flex;gap:.9rem;align-items:center;margin:.5rem 0 2.5rem;font-size:clamp(1.5rem,4.5vw,2.1rem);line-height:1.2;font-weight:650;letter-spacing:-.02em}
.now .mark{width:1.05em;height:1.05em}
h1{font-size:clamp(1.5rem,4vw,2rem);line-height:1.25;letter-spacing:-.015em;margin:0 0 1rem}
h2{font-size:1.15rem;margin:2.5rem 0 .9rem;font-weight:650}
h2 .quiet{font-weight:400;font-size:.9rem;margin-left:.4rem}
h3{font-size:1rem;line-height:1.4;margin:1.5rem 0 .4rem;font-weight:650}
p{margin:.35rem 0}.quiet,.meta,.when time,.scale,.kicker{color:var(--soft)}
.meta,.scale,.kicker,footer,.legend{font-size:.875rem}
.kicker{margin:0 0 .25rem}
.said,.was{white-space:pre-line;max-width:42rem}
.was{padding-left:.75rem;border-left:3px solid var(--line);color:var(--soft)}
.card{margin:0 0 1rem;padding:1rem 1.25rem;background:var(--card);border:1px solid var(--line);border-left:5px solid var(--none);border-radius:3px}
.card h3{margin-top:0}
.i-minor{border-left-color:var(--degraded)}.i-major{border-left-color:var(--partial)}.i-critical{border-left-color:var(--major)}.i-maintenance{border-left-color:var(--work)}
ul,ol{margin:0;padding:0;list-style:none}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem}
.names{font-size:.875rem;margin:.25rem 0}.names li{padding:0 .5rem;border:1px solid var(--line);border-radius:1rem}
.names a{text-decoration:none}.names a:hover{text-decoration:underline}
.updates{margin-top:.75rem;border-left:1px solid var(--line);padding-left:1.1rem}
.updates li{position:relative;padding-bottom:.9rem}
.updates li::before{content:"";position:absolute;left:-1.1rem;top:.5rem;width:.55rem;height:.55rem;margin-left:-.3rem;border-radius:50%;background:var(--card);border:2px solid var(--soft)}
.when{margin:0}.when time{font-size:.875rem;margin-left:.35rem}
.amended{margin:.4rem 0;padding:.35rem .75rem;border-left:3px double var(--soft);font-size:.875rem}.amended p{margin:.1rem 0}
.amended summary,.account+details summary{padding:.2rem 0}.account+details{margin-top:.5rem;font-size:.875rem}
.components>li{padding:.85rem 0;border-top:1px solid var(--line)}.components>li:first-child{border-top:0}
.component{display:flex;flex-wrap:wrap;gap:.15rem 1rem;justify-content:space-between;margin:0 0 .35rem}
.component a{color:inherit;font-weight:600;text-decoration:none}.component a:hover{text-decoration:underline}
.status{display:inline-flex;align-items:center;gap:.5rem;white-space:nowrap}
.bars{display:block;width:100%;height:1.75rem}
.scale{display:flex;gap:.5rem;align-items:baseline;justify-content:space-between;margin:.25rem 0 0}.scale>span{flex:none}
.scale summary{text-align:center}.scale:has([open]){flex-wrap:wrap}.scale [open]{order:1;flex-basis:100%}.scale ul{justify-content:center;padding:.25rem 0 .5rem}
.turn{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:-.5rem 0 1rem}
.mark{flex:none;display:inline-block;width:.8em;height:.8em;background:var(--c)}
.k-operational{--c:var(--ok)}.k-degraded_performance{--c:var(--degraded)}.k-partial_outage{--c:var(--partial)}
.k-major_outage{--c:var(--major)}.k-under_maintenance{--c:var(--work)}.k-no_data,.k-incomplete{--c:var(--none)}
.k-operational.mark,.k-operational .mark{border-radius:50%}
.k-degraded_performance.mark,.k-degraded_performance .mark{clip-path:polygon(50% 5%,100% 95%,0 95%)}
.k-partial_outage.mark,.k-partial_outage .mark{clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%)}
.k-under_maintenance.mark,.k-under_maintenance .mark{background:linear-gradient(var(--c) 0 35%,transparent 35% 65%,var(--c) 65%)}
.k-no_data.mark,.k-no_data .mark{background:none;border:2px dashed var(--c);border-radius:50%}
path{fill:var(--c)}
.key{width:.5rem;height:1.25rem;vertical-align:-.25rem;margin-right:.25rem}
.legend{margin-top:1rem}.legend summary,.legend p{padding:.25rem 0}summary{cursor:pointer}
.entries>li{padding:.9rem 0;border-top:1px solid var(--line)}.entries h2,.entries h3{margin:0 0 .15rem;font-size:1rem;line-height:1.4}
dl{margin:0}dl div{display:grid;align-items:baseline;grid-template-columns:10rem 1fr;padding:.35rem 0;border-top:1px solid var(--line)}
dl.months div{grid-template-columns:4rem 1fr}.subscribe{margin-top:1.75rem}dt{color:var(--soft)}dd{margin:0}
.account{max-width:46rem;padding:1rem 1.25rem;background:var(--card);border:1px solid var(--line)}
.account p{margin:.75rem 0}.account>:first-child{margin-top:0}.account>:last-child{margin-bottom:0}
.account h3{font-size:1.15rem}.account h5,.account h6{font-size:1rem;margin:1rem 0 .25rem;font-weight:600}.account h4{font-size:1.05rem;margin:1.25rem 0 .3rem}
.account ul,.account ol{margin:.5rem 0;padding-left:1.5rem;list-style:disc}.account ol{list-style:decimal}.account li{padding:.1rem 0}.account li>p{margin:.25rem 0}.account .task{list-style:none;margin-left:-1.2rem}
.account blockquote{margin:.75rem 0;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}.account hr{border:0;border-top:1px solid var(--line);margin:1.25rem 0}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}.account :not(pre)>code{padding:.1em .3em;background:var(--paper);border:1px solid var(--line);border-radius:3px}
pre{margin:.75rem 0;padding:.75rem 1rem;overflow-x:auto;background:var(--paper);border:1px solid var(--line)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td,pre{overflow-wrap:normal}th,td{padding:.45rem .75rem .45rem 0;text-align:left;vertical-align:top;border-top:1px solid var(--line);font-weight:400}
thead th{color:var(--soft);border-top:0}td p{margin:0}tr:target{background:var(--card)}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft)}
footer form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.6rem 0}
footer a,.months a,.row a{display:inline-block;padding:.15rem 0}
input,button{font:inherit;color:inherit;padding:.3rem .6rem;border:1px solid var(--none);border-radius:3px;background:var(--card);min-height:2rem}
button{cursor:pointer}
@media (max-width:36rem){dl div{grid-template-columns:1fr}.card{padding:.85rem 1rem}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media (forced-colors:active){.mark,path{forced-color-adjust:none}}
@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--card:#fff;--line:#aaa;--link:#000}
html{border-top:0;font-size:10pt}body{max-width:none;padding:0}.skip,.top nav,.turn,form,.legend{display:none}.components>li,.card,.entries>li{break-inside:avoid}}
`;
}

/** Where there is no logo: a circle in the owner's colour. */
export function icon(color: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>\n`;
}
