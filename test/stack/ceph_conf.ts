import type { Site } from "./site.ts";

/**
 * The conf of a whole Ceph on one machine: one mon, one OSD on a sparse file, one RGW; no mgr is needed. What looks odd
 * was found the hard way.
 */
export function cephConf(site: Site, dir: string, { mon, rgw }: { mon: number; rgw: number }): string {
  return `[global]
fsid = ${site.secrets.cephFsid}
mon_host = [v2:127.0.0.1:${mon}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
# Without cephx, RGW's default (secure) would loop for ever.
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
run_dir = ${dir}/run
admin_socket = ${dir}/run/$name.asok
log_file =
log_to_stderr = true
mon_cluster_log_file = ${dir}/cluster.log
crash_dir = ${dir}/run
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
# A PG's read lease is 0.8 of this. Where an OSD was frozen for longer than its lease, some PGs of Ceph 16 let every request
# "wait for readable" for good; with nobody else to serve them there is nothing to be gained by its end.
osd_heartbeat_grace = 3600

[mon]
mon_data = ${dir}/mon
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
auth_allow_insecure_global_id_reclaim = false
# A disk that is 95 % full with other things is no reason to stop.
mon_data_avail_crit = 1
mon_data_avail_warn = 2
paxos_propose_interval = 0.02
paxos_min_wait = 0.01

[osd]
osd_data = ${dir}/osd
# memstore would lose everything when killed.
osd_objectstore = bluestore
osd_fast_shutdown = false
bluestore_block_size = 21474836480
bluestore_fsck_on_mkfs = false
bdev_aio_poll_ms = 10
bluestore_cache_autotune = false
bluestore_cache_size = 268435456
osd_memory_target = 1073741824

[client]
# Else the first requests after an outage wait for the ticks of minutes.
objecter_tick_interval = 0.2
objecter_timeout = 1
rgw_data = ${dir}/rgw
# tcp_nodelay: else a kept-alive GET takes 44 ms.
rgw_frontends = beast endpoint=127.0.0.1:${rgw} tcp_nodelay=1
rgw_thread_pool_size = 64
rgw_rados_pool_pg_num_min = 4
rgw_override_bucket_index_max_shards = 1
rgw_crypt_require_ssl = false
# Else the bytes of deleted objects stay for hours.
rgw_gc_obj_min_wait = 30
rgw_gc_processor_period = 10
rgw_gc_processor_max_time = 10
`;
}
