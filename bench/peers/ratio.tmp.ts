import { cluster } from '../../projections/cluster/cluster.ts';
import { PROJECTIONS } from '../../projections/list.ts';
import { openSqliteReader } from '../../src/ledger/sqlite/reader.ts';
import { projectOnce } from '../support/projecting.ts';
import { scanAndCount } from '../support/scan.ts';
const path='/tmp/prof-ledger.sqlite';
const read=(page:number)=>async()=>{const r=openSqliteReader(path); let a=0,n=0; for(;;){const e=await r.readAll({after:a as never,limit:page}); n+=e.length; if(e.length<page) break; a=e.at(-1)!.position;} await r.close(); return n;};
const cs: [string, ()=>Promise<number>|number][] = [['scan',()=>scanAndCount(path)],['read',read(4096)],['cluster',async()=>(await projectOnce(path,'/tmp/prof-views.sqlite',[cluster as never])).events],['all',async()=>(await projectOnce(path,'/tmp/prof-views.sqlite',PROJECTIONS)).events]];
const res=new Map<string,number[]>(cs.map(([n])=>[n,[]]));
for(let i=-1;i<6;i++) for(const [n,f] of cs){ globalThis.gc?.(); const c=process.cpuUsage(); const t=performance.now(); const k=await f(); const d=process.cpuUsage(c); if(i>=0) res.get(n)!.push((d.user+d.system)/k); }
const med=(v:number[])=>v.sort((a,b)=>a-b)[Math.floor(v.length/2)]!;
const s=med(res.get('scan')!);
for(const [n,v] of res) console.log(n,'cpu µs/event',med(v).toFixed(2),'min',v[0]!.toFixed(2),'ratio of mins',(res.get('scan')![0]!/v[0]!).toFixed(2), 'of medians', (s/med(v)).toFixed(2));
