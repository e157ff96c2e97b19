DROP INDEX `files_list` ON `files`;--> statement-breakpoint
DROP INDEX `files_sha1` ON `files`;--> statement-breakpoint
DROP INDEX `files_changed` ON `files`;--> statement-breakpoint
DROP INDEX `uploads_changed` ON `uploads`;--> statement-breakpoint
DROP INDEX `uploads_due` ON `uploads`;--> statement-breakpoint
DROP INDEX `uploads_expires` ON `uploads`;--> statement-breakpoint
CREATE INDEX `challenges_user` ON `challenges` (`user_id`);--> statement-breakpoint
CREATE INDEX `files_list` ON `files` (`user_id`,`deleted_at`,`id`,`size`);--> statement-breakpoint
CREATE INDEX `files_sha1` ON `files` (`user_id`,`sha1`,`id`);--> statement-breakpoint
CREATE INDEX `files_changed` ON `files` (`user_id`,`updated_at`,`id`);--> statement-breakpoint
CREATE INDEX `uploads_changed` ON `uploads` (`user_id`,`updated_at`,`id`);--> statement-breakpoint
CREATE INDEX `uploads_due` ON `uploads` (`state`,`node`,`lease_until`);--> statement-breakpoint
CREATE INDEX `uploads_expires` ON `uploads` (`state`,`expires_at`);