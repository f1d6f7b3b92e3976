import { PROJECTIONS } from '../../projections/list.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { Projector } from '../../src/project/projector.ts';
import { openSqliteStore } from '../../src/project/sqlite/store.ts';
const folder='/tmp/million';
const ledger=await openSqliteLedger({path:folder+'/ledger.sqlite',thread:'here'});
const store=openSqliteStore(folder+'/views.sqlite');
let commit=0, cbytes=0; const oc=store.commit.bind(store); store.commit=(c)=>{const t=performance.now(); oc(c); commit+=performance.now()-t; cbytes+=c.rows.reduce((s,r)=>s+r.text.length,0)};
const p=await Projector.open({projections:PROJECTIONS,reader:ledger,store,onProgress(){}});
await p.run();
console.log(PROJECTIONS.map(x=>{const s=store.reader.slots().find(s=>s.name===x.name)!; const rows=store.reader.rows(s.slot,{limit:10}); return [x.name, store.reader.rows(s.slot,{limit:100000}).length, Math.max(...rows.map(r=>r.text.length))]}));
const lat=[];commit=0;cbytes=0;
for(let i=0;i<600;i++){ await ledger.append([{stream:`cluster-cluster-${i%200}` as never,expected:'any',events:[{id:'live'+Date.now()+i,source:'x',type:'HeartbeatLost',subject:`cluster-${i%200}`,time:null,notBefore:null,synthetic:false,extensions:{},data:{nodeId:'node-1'}} as never],actor:{authType:'unauthenticated',authId:null}}]); const t1=performance.now(); await p.run(); lat.push(performance.now()-t1); }
lat.sort((a,b)=>a-b); console.log('run p50',lat[300],'p99',lat[590], 'commit avg', commit/600, cbytes/600);
store.close(); await ledger.close();
