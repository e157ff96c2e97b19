CREATE TABLE `copies` (
	`id` varchar(26) NOT NULL,
	`blob_id` varchar(26) NOT NULL,
	`store` varchar(64) NOT NULL,
	`live_store` varchar(64),
	`key` varchar(255) NOT NULL,
	`replaces` varchar(64),
	`size` bigint NOT NULL,
	`state` varchar(16) NOT NULL,
	`created_at` bigint NOT NULL,
	`lease_owner` varchar(64),
	`lease_until` bigint NOT NULL,
	`fence` int NOT NULL,
	`attempts` int NOT NULL,
	CONSTRAINT `copies_id` PRIMARY KEY(`id`),
	CONSTRAINT `copies_live_store` UNIQUE(`blob_id`,`live_store`)
);
--> statement-breakpoint
CREATE TABLE `cursors` (
	`id` varchar(26) NOT NULL,
	`state` varchar(16) NOT NULL,
	`position` varchar(26) NOT NULL,
	`lease_owner` varchar(64),
	`lease_until` bigint NOT NULL,
	`fence` int NOT NULL,
	`attempts` int NOT NULL,
	CONSTRAINT `cursors_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE INDEX `copies_due` ON `copies` (`state`,`lease_until`);