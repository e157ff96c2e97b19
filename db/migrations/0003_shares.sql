CREATE TABLE `share_grants` (
	`key` varchar(128) NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `share_grants_key` PRIMARY KEY(`key`)
);
--> statement-breakpoint
CREATE TABLE `shares` (
	`id` varchar(26) NOT NULL,
	`code` varchar(32) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`file_id` varchar(26) NOT NULL,
	`with_id` varchar(26),
	`password_hash` varchar(255),
	`expires_at` bigint,
	`max_downloads` int,
	`downloads` bigint NOT NULL,
	`views` bigint NOT NULL,
	`listed` int NOT NULL,
	`created_at` bigint NOT NULL,
	`deleted_at` bigint,
	`purge_at` bigint,
	CONSTRAINT `shares_id` PRIMARY KEY(`id`),
	CONSTRAINT `shares_code` UNIQUE(`code`)
);
--> statement-breakpoint
CREATE TABLE `view_batches` (
	`id` varchar(26) NOT NULL,
	`at` bigint NOT NULL,
	CONSTRAINT `view_batches_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE INDEX `share_grants_expires` ON `share_grants` (`expires_at`);--> statement-breakpoint
CREATE INDEX `shares_list` ON `shares` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `shares_with` ON `shares` (`with_id`,`id`);--> statement-breakpoint
CREATE INDEX `shares_file` ON `shares` (`file_id`);--> statement-breakpoint
CREATE INDEX `shares_top` ON `shares` (`listed`,`views`,`id`);--> statement-breakpoint
CREATE INDEX `shares_purge` ON `shares` (`purge_at`);--> statement-breakpoint
CREATE INDEX `view_batches_at` ON `view_batches` (`at`);