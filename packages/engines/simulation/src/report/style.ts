/** How a report looks: light and dark, on paper, and on a phone. Everything is in the file itself. */
export const STYLE = `
:root{color-scheme:light dark;--back:#fff;--card:#f6f7f9;--text:#1b1f24;--dim:#5c6570;--edge:#d9dde2;--own:#1f6feb;--held:#8b949e;--gain:#1a7f37;--loss:#cf222e;--accent:#8250df;--band:#c9ced6;--warn:#9a6700;--warn-back:#fff8e0;
--l0:#1f6feb;--l1:#d4760a;--l2:#1a7f37;--l3:#8250df;--l4:#cf222e;--l5:#0a7f8c}
@media (prefers-color-scheme:dark){:root{--back:#0d1117;--card:#161b22;--text:#e6edf3;--dim:#9aa4af;--edge:#30363d;--own:#58a6ff;--held:#8b949e;--gain:#3fb950;--loss:#f85149;--accent:#bc8cff;--band:#3a424c;--warn:#e3b341;--warn-back:#272115;
--l0:#58a6ff;--l1:#f0883e;--l2:#3fb950;--l3:#bc8cff;--l4:#f85149;--l5:#39c5cf}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 20px 60px;max-width:1180px;background:var(--back);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans KR","Apple SD Gothic Neo","NanumGothic",sans-serif;-webkit-text-size-adjust:100%}
h1{font-size:24px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:17px;margin:34px 0 10px;padding-bottom:5px;border-bottom:1px solid var(--edge)}
h3{font-size:14px;margin:16px 0 6px}
p{margin:6px 0}
small,.dim{color:var(--dim)}
ul{margin:6px 0;padding-left:20px}
li{margin:3px 0;overflow-wrap:anywhere}
.warn{background:var(--warn-back);border-left:4px solid var(--warn);padding:8px 12px;margin:10px 0}
.verdict{background:var(--card);border-left:4px solid var(--held);padding:10px 14px;margin:12px 0}
.verdict.some{border-color:var(--gain)}
.verdict strong{font-size:16px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:10px}
.card{background:var(--card);border:1px solid var(--edge);border-radius:8px;padding:10px 12px}
.card .value{display:block;font-size:20px;font-weight:600;font-variant-numeric:tabular-nums}
.card .range{display:block;font-size:12px;color:var(--dim);font-variant-numeric:tabular-nums;min-height:1.5em}
.gain-text{color:var(--gain)}.loss-text{color:var(--loss)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px}
th,td{padding:4px 9px;border-bottom:1px solid var(--edge);text-align:right;white-space:nowrap}
th{color:var(--dim);font-weight:500}
th:first-child,td:first-child{text-align:left}
td.text,th.text{text-align:left}
td.best{font-weight:700}
.months td,.months th{padding:4px 6px;min-width:58px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:0 28px}
.lists{columns:330px 3;column-gap:28px}
.lists section{break-inside:avoid;margin-bottom:14px}
.lists h3{margin-top:0}
.lists table{width:100%}
.lists td:first-child{white-space:normal}
.chart{margin:14px 0 30px}
.chart figcaption{font-weight:600;margin-bottom:6px}
.chart figcaption small,.chart .key{font-weight:400}
.key{margin-left:10px;color:var(--dim);white-space:nowrap}
.key::before{content:"";display:inline-block;width:14px;height:3px;margin-right:5px;vertical-align:middle;background:currentColor}
.plot{position:relative;height:300px;margin-right:74px;border-bottom:1px solid var(--edge)}
.small .plot{height:190px}
.pair .wide{display:none}
.plot svg{display:block;width:100%;height:100%;overflow:visible}
.plot span{position:absolute;font-size:11px;color:var(--dim);white-space:nowrap;font-variant-numeric:tabular-nums}
.plot .y{left:100%;padding-left:8px;transform:translateY(-50%)}
.plot .x{top:100%;padding-top:4px;transform:translateX(-50%)}
.plot .x[style="left:0%"]{transform:none}
.grid{stroke:var(--edge);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}
.grid.zero{stroke:var(--dim)}
.line{fill:none;stroke:currentColor;stroke-width:1.4;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.area{fill:currentColor;opacity:.18;stroke:none}
.band{fill:var(--band);stroke:var(--band);stroke-width:1;vector-effect:non-scaling-stroke}
.even{color:var(--held)}.own{color:var(--own)}.held{color:var(--held)}.gain{color:var(--gain)}.loss{color:var(--loss)}.accent{color:var(--accent)}
.line-0{color:var(--l0)}.line-1{color:var(--l1)}.line-2{color:var(--l2)}.line-3{color:var(--l3)}.line-4{color:var(--l4)}.line-5{color:var(--l5)}
.held.line{stroke-dasharray:5 3}
rect{fill:currentColor;opacity:.8}
.trade{fill:none;stroke:currentColor;stroke-width:1.6;vector-effect:non-scaling-stroke;stroke-linecap:round}
.end{stroke:currentColor;stroke-width:6;vector-effect:non-scaling-stroke;stroke-linecap:round}
.term{border-bottom:1px dotted var(--dim);cursor:help;outline-offset:2px}
.term:hover::after,.term:focus::after{content:attr(data-tip);position:fixed;left:12px;right:12px;bottom:12px;z-index:2;max-width:680px;margin:0 auto;padding:9px 13px;background:var(--text);color:var(--back);border-radius:6px;font-size:13px;font-weight:400;white-space:normal;text-align:left}
pre{background:var(--card);padding:12px;border-radius:8px;font-size:12px;white-space:pre-wrap;overflow-wrap:anywhere}
@media (max-width:640px){body{padding:14px 12px 40px}.plot{height:220px;margin-right:62px}.small .plot{height:160px}.plot .wide{display:none}.cards{grid-template-columns:1fr 1fr}.card .value{font-size:17px}th,td{padding:4px 7px}}
@media print{:root{--back:#fff;--card:#fff;--text:#000;--dim:#444;--edge:#bbb;color-scheme:light}body{max-width:none;padding:0;font-size:11px}h2{break-after:avoid}.chart,.card,tr{break-inside:avoid}.scroll{overflow:visible}.term{border:0}.plot{height:220px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
