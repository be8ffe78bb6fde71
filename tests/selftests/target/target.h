/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef TARGET_H
#define TARGET_H

const char *first_string(void);
const char *second_string(void);
int target_add(int number);

#endif
