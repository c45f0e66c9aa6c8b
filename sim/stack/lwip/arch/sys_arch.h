/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's operating system for a single thread, inline: nobody else runs, so nothing is locked and nobody sleeps. */
#pragma once

#define MAILBOX_SIZE DEFAULT_UDP_RECVMBOX_SIZE

typedef struct {
  int count;
  int valid;
} sys_sem_t;

typedef int sys_mutex_t;
typedef int sys_thread_t;

typedef struct {
  unsigned posted, fetched;
  int valid;
  void* messages[MAILBOX_SIZE];
} sys_mbox_t;

static inline void sys_init(void) {}

static inline void sys_would_sleep(void) {
  fputs("lwIP waits for what nobody will do\n", stderr);
  abort();
}

/* --- mutexes --- */

static inline err_t sys_mutex_new(sys_mutex_t* mutex) {
  *mutex = 1;
  return ERR_OK;
}

static inline void sys_mutex_lock(sys_mutex_t* mutex) {
  (void)mutex;
}

static inline void sys_mutex_unlock(sys_mutex_t* mutex) {
  (void)mutex;
}

/* --- semaphores --- */

static inline err_t sys_sem_new(sys_sem_t* sem, u8_t count) {
  *sem = (sys_sem_t){.count = count, .valid = 1};
  return ERR_OK;
}

static inline void sys_sem_signal(sys_sem_t* sem) {
  ++sem->count;
}

static inline u32_t sys_arch_sem_wait(sys_sem_t* sem, u32_t timeout) {
  (void)timeout;
  if (sem->count == 0) sys_would_sleep();
  --sem->count;
  return 0;
}

static inline int sys_sem_valid(sys_sem_t* sem) {
  return sem->valid;
}

static inline void sys_sem_set_invalid(sys_sem_t* sem) {
  sem->valid = 0;
}

static inline void sys_sem_free(sys_sem_t* sem) {
  sem->valid = 0;
}

/* --- mailboxes --- */

static inline err_t sys_mbox_new(sys_mbox_t* mbox, int size) {
  mbox->posted = mbox->fetched = 0;
  mbox->valid = size <= MAILBOX_SIZE;
  return mbox->valid ? ERR_OK : ERR_MEM;
}

static inline err_t sys_mbox_trypost(sys_mbox_t* mbox, void* message) {
  if (mbox->posted - mbox->fetched == MAILBOX_SIZE) return ERR_MEM;
  mbox->messages[mbox->posted++ % MAILBOX_SIZE] = message;
  return ERR_OK;
}

static inline err_t sys_mbox_trypost_fromisr(sys_mbox_t* mbox, void* message) {
  return sys_mbox_trypost(mbox, message);
}

static inline void sys_mbox_post(sys_mbox_t* mbox, void* message) {
  if (sys_mbox_trypost(mbox, message) != ERR_OK) sys_would_sleep();
}

static inline u32_t sys_arch_mbox_tryfetch(sys_mbox_t* mbox, void** message) {
  if (mbox->posted == mbox->fetched) return 0xffffffff; /* SYS_MBOX_EMPTY, which is defined later */
  *message = mbox->messages[mbox->fetched++ % MAILBOX_SIZE];
  return 0;
}

static inline u32_t sys_arch_mbox_fetch(sys_mbox_t* mbox, void** message, u32_t timeout) {
  (void)timeout;
  if (sys_arch_mbox_tryfetch(mbox, message) != 0) sys_would_sleep();
  return 0;
}

static inline int sys_mbox_valid(sys_mbox_t* mbox) {
  return mbox->valid;
}

static inline void sys_mbox_set_invalid(sys_mbox_t* mbox) {
  mbox->valid = 0;
}

static inline void sys_mbox_free(sys_mbox_t* mbox) {
  mbox->valid = 0;
}

/* --- threads --- */

/* lwIP's only thread handles messages from other threads; there are none. */
static inline sys_thread_t sys_thread_new(const char* name, void (*thread)(void*), void* argument, int stack,
                                          int priority) {
  (void)name, (void)thread, (void)argument, (void)stack, (void)priority;
  return 0;
}
