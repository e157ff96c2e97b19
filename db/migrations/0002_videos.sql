CREATE TABLE `comments` (
	`id` varchar(26) NOT NULL,
	`video_id` varchar(26) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`author` varchar(64) NOT NULL,
	`content` varchar(2000) NOT NULL,
	`created_at` bigint NOT NULL,
	CONSTRAINT `comments_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `videos` (
	`id` varchar(26) NOT NULL,
	`user_id` varchar(26) NOT NULL,
	`title` varchar(200) NOT NULL,
	`state` varchar(16) NOT NULL,
	`file_id` varchar(26),
	`owns_file` int NOT NULL,
	`mime` varchar(127),
	`duration_ms` bigint,
	`width` int,
	`height` int,
	`poster_key` varchar(255),
	`created_at` bigint NOT NULL,
	`deleted_at` bigint,
	`purge_at` bigint,
	`lease_owner` varchar(64),
	`lease_until` bigint NOT NULL,
	`fence` int NOT NULL,
	`attempts` int NOT NULL,
	CONSTRAINT `videos_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE INDEX `comments_list` ON `comments` (`video_id`,`id`);--> statement-breakpoint
CREATE INDEX `comments_user` ON `comments` (`user_id`);--> statement-breakpoint
CREATE INDEX `videos_list` ON `videos` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `videos_file` ON `videos` (`file_id`);--> statement-breakpoint
CREATE INDEX `videos_due` ON `videos` (`state`,`lease_until`);--> statement-breakpoint
CREATE INDEX `videos_purge` ON `videos` (`purge_at`);