-- Makes an empty MariaDB server (10.11 or newer) the primary of the catalog, or a replica that follows it by GTID.
-- Run once as root on each of them: by test/stack, and by the containers of docker-compose.yml. In the same session, before it:
--
--   SET @sluice_password = '…', @replication_password = '…';     the same on all of them
--   SET @primary_host = NULL, @primary_port = NULL;               on the primary
--   SET @primary_host = 'host', @primary_port = 3306;             on a replica
--
-- Plain statements only, so that any client can run it; a variable that was not set is a syntax error, not an empty password.

-- Each server makes these for itself: what is not in the binary log need not be in the same place in all of them.
SET SESSION sql_log_bin = 0;
CREATE DATABASE IF NOT EXISTS sluice CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS sluice@''%'' IDENTIFIED BY ', QUOTE(@sluice_password));
EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS replication@''%'' IDENTIFIED BY ', QUOTE(@replication_password));
GRANT ALL PRIVILEGES ON sluice.* TO sluice@'%';
-- SLAVE MONITOR is for SHOW REPLICA STATUS: how far behind a replica is.
GRANT SLAVE MONITOR ON *.* TO sluice@'%';
GRANT REPLICATION SLAVE ON *.* TO replication@'%';

-- On a replica only. What its own installation wrote into its binary log would be out of order before the primary's first write.
EXECUTE IMMEDIATE IF(@primary_host IS NULL, 'DO 0', 'STOP SLAVE');
EXECUTE IMMEDIATE IF(@primary_host IS NULL, 'DO 0', 'RESET MASTER');
EXECUTE IMMEDIATE IF(@primary_host IS NULL, 'DO 0', 'SET GLOBAL gtid_slave_pos = ''''');
EXECUTE IMMEDIATE IF(@primary_host IS NULL, 'DO 0', CONCAT(
  'CHANGE MASTER TO master_host = ', QUOTE(@primary_host), ', master_port = ', CAST(@primary_port AS CHAR),
  ', master_user = ''replication'', master_password = ', QUOTE(@replication_password),
  ', master_use_gtid = slave_pos, master_connect_retry = 1, master_heartbeat_period = 1'));
EXECUTE IMMEDIATE IF(@primary_host IS NULL, 'DO 0', 'START SLAVE');
SET SESSION sql_log_bin = 1;
