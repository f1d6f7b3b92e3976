import { cluster } from '../../projections/cluster/cluster.ts';
import { Folder } from '../../src/project/folder.ts';
import { projectOnce } from '../support/projecting.ts';
let flushes=0, rows=0, bytes=0, ft=0, cps=0, cpb=0;
const orig=Folder.prototype.flush;
Folder.prototype.flush=function(){const t=performance.now(); const r=orig.call(this); ft+=performance.now()-t; flushes++; rows+=r.rows.length; for(const x of r.rows) bytes+=x.text.length; cps+=r.checkpoints.length; for(const x of r.checkpoints) cpb+=x.text.length; return r;};
for(let i=0;i<3;i++){flushes=rows=bytes=ft=cps=cpb=0;const t=performance.now(); await projectOnce('/tmp/prof-ledger.sqlite','/tmp/prof-views.sqlite',[cluster as never]); console.log(performance.now()-t,{flushes,rows,bytes,ft,cps,cpb});}
