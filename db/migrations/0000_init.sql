CREATE TABLE `attempts` (
	`key` varchar(160) NOT NULL,
	`failures` int NOT NULL,
	`blocked_until` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `attempts_key` PRIMARY KEY(`key`)
);
--> statement-breakpoint
CREATE TABLE `blobs` (
	`id` varchar(26) NOT NULL,
	`sha1` varchar(40) NOT NULL,
	`live_sha1` varchar(40),
	`sha256` varchar(64) NOT NULL,
	`size` bigint NOT NULL,
	`state` varchar(16) NOT NULL,
	`spool_id` varchar(26),
	`node` varchar(26),
	`store` varchar(64),
	`key` varchar(255),
	`created_at` bigint NOT NULL,
	`lease_owner` varchar(64),
	`lease_until` bigint NOT NULL,
	`fence` int NOT NULL,
	`attempts` int NOT NULL,
	CONSTRAINT `blobs_id` PRIMARY KEY(`id`),
	CONSTRAINT `blobs_live_sha1` UNIQUE(`live_sha1`)
);
--> statement-breakpoint
CREATE TABLE `challenges` (
	`id` varchar(26) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`sha1` varchar(40) NOT NULL,
	`size` bigint NOT NULL,
	`nonce` varchar(64) NOT NULL,
	`ranges` varchar(1024) NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `challenges_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `files` (
	`id` varchar(26) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`name` varchar(255) NOT NULL,
	`live_name` varchar(255),
	`search_name` varchar(1024) NOT NULL,
	`blob_id` varchar(26) NOT NULL,
	`sha1` varchar(40) NOT NULL,
	`size` bigint NOT NULL,
	`uploaded_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`deleted_at` bigint,
	`purge_at` bigint,
	CONSTRAINT `files_id` PRIMARY KEY(`id`),
	CONSTRAINT `files_live_name` UNIQUE(`user_id`,`live_name`)
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` varchar(26) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`refresh_hash` varchar(64) NOT NULL,
	`created_at` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	`revoked_at` bigint,
	CONSTRAINT `sessions_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `uploads` (
	`id` varchar(26) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`name` varchar(255) NOT NULL,
	`size` bigint NOT NULL,
	`sha1` varchar(40),
	`chunk_size` bigint NOT NULL,
	`chunk_count` int NOT NULL,
	`state` varchar(16) NOT NULL,
	`error` varchar(64),
	`file_id` varchar(26),
	`node` varchar(26) NOT NULL,
	`request_id` varchar(64),
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	`lease_owner` varchar(64),
	`lease_until` bigint NOT NULL,
	`fence` int NOT NULL,
	`attempts` int NOT NULL,
	CONSTRAINT `uploads_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` varchar(26) NOT NULL,
	`username` varchar(64) NOT NULL,
	`password_hash` varchar(255) NOT NULL,
	`email` varchar(254),
	`created_at` bigint NOT NULL,
	`last_active_at` bigint NOT NULL,
	CONSTRAINT `users_id` PRIMARY KEY(`id`),
	CONSTRAINT `users_username` UNIQUE(`username`)
);
--> statement-breakpoint
CREATE INDEX `attempts_expires` ON `attempts` (`expires_at`);--> statement-breakpoint
CREATE INDEX `blobs_due` ON `blobs` (`state`,`lease_until`);--> statement-breakpoint
CREATE INDEX `blobs_spool` ON `blobs` (`spool_id`);--> statement-breakpoint
CREATE INDEX `challenges_expires` ON `challenges` (`expires_at`);--> statement-breakpoint
CREATE INDEX `files_list` ON `files` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `files_sha1` ON `files` (`user_id`,`sha1`);--> statement-breakpoint
CREATE INDEX `files_blob` ON `files` (`blob_id`);--> statement-breakpoint
CREATE INDEX `files_changed` ON `files` (`user_id`,`updated_at`);--> statement-breakpoint
CREATE INDEX `files_purge` ON `files` (`purge_at`);--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_revoked` ON `sessions` (`revoked_at`);--> statement-breakpoint
CREATE INDEX `sessions_expires` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE INDEX `uploads_resume` ON `uploads` (`user_id`,`state`,`sha1`);--> statement-breakpoint
CREATE INDEX `uploads_changed` ON `uploads` (`user_id`,`updated_at`);--> statement-breakpoint
CREATE INDEX `uploads_due` ON `uploads` (`state`,`lease_until`);--> statement-breakpoint
CREATE INDEX `uploads_expires` ON `uploads` (`expires_at`);--> statement-breakpoint
CREATE INDEX `uploads_reserved` ON `uploads` (`node`,`state`,`size`);