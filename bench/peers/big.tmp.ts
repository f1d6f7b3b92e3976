import { cluster } from '../../projections/cluster/cluster.ts';
import { projectOnce } from '../support/projecting.ts';
const c=process.cpuUsage(); const t=performance.now(); const r=await projectOnce('/tmp/million/ledger.sqlite','/tmp/prof-views.sqlite',[cluster as never]); const d=process.cpuUsage(c); console.log(r, (d.user+d.system)/r.events, r.events/(performance.now()-t));
